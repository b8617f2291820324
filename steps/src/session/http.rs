//! Sends the requests of a step.

use arcbook_engine::step::{
    Action, ActionKind, Audience, ErrorKind, Follow, HttpRequest, Method, Safety, StepError, Token,
};
use url::Url;

use super::files::body_of;
use super::{Session, line, undeclared};
use crate::http::{
    Asked, Client, HttpResponse, Late, Payload, Peer, Policy, Request, RequestRetries, deliver, firewall,
};
use crate::page;

impl Session {
    /// Sends `action`, whose body is in memory, and returns the successful response.
    pub(crate) async fn send(&self, action: &Action) -> Result<HttpResponse, StepError> {
        self.send_loaded(action, body_of(action)?.map(Payload::from), &[]).await
    }

    /// Sends `action` with `body` and with headers derived from it.
    pub(crate) async fn send_loaded(
        &self,
        action: &Action,
        body: Option<Payload>,
        headers: &[(&str, &str)],
    ) -> Result<HttpResponse, StepError> {
        let request = self.request(action, body, headers)?;
        self.exchange(action, request, sent(action)?.url.to_string()).await
    }

    /// Sends `action`, and repeats it for a while after each of the refusals that `late` explains.
    pub(crate) async fn send_late(&self, action: &Action, late: Late) -> Result<HttpResponse, StepError> {
        let request = self.request(action, body_of(action)?.map(Payload::from), &[])?;
        self.exchange_late(action, request, sent(action)?.url.to_string(), late).await
    }

    /// Sends `action` with a body that contains a secret, which no error message may repeat.
    pub(crate) async fn send_secret(
        &self,
        action: &Action,
        body: Payload,
    ) -> Result<HttpResponse, StepError> {
        let request = Request { holds_secret: true, ..self.request(action, Some(body), &[])? };
        self.exchange(action, request, sent(action)?.url.to_string()).await
    }

    /// Returns the request of `action` with `body`, and with headers derived from it.
    pub(crate) fn request(
        &self,
        action: &Action,
        body: Option<Payload>,
        headers: &[(&str, &str)],
    ) -> Result<Request, StepError> {
        let url = self.declared(action)?;
        let declared = sent(action)?;
        let request = Request::new(declared.method, url).body(body);
        declared_headers(request, declared, |_| true)?.headers(headers)
    }

    /// Returns the address of the page that `next` links to from the page of `action` at `page`: it must have
    /// the same host and path, with any query.
    pub(crate) fn next_page(&self, action: &Action, page: &Url, next: &str) -> Result<Url, StepError> {
        let address = page::resolve(page, next).map_err(|reason| astray(action, &reason))?;
        self.page(action, &address)
    }

    /// Requests the page of `action` at an address from [`Self::next_page`], with the same token.
    pub(crate) async fn send_page(&self, action: &Action, page: &Url) -> Result<HttpResponse, StepError> {
        let url = self.page(action, page.as_str())?;
        let first = &sent(action)?.url;
        let shown = match first.to_string().split_once('?') {
            // The service's link may repeat a sensitive value in its query.
            Some((path, _)) if first.is_sensitive() => format!("{path}?(sensitive)"),
            _ => url.to_string(),
        };
        let request = declared_headers(Request::new(Method::Get, url), sent(action)?, |_| true)?;
        self.exchange(action, request, shown).await
    }

    /// Returns the URL of a page of `action`.
    fn page(&self, action: &Action, address: &str) -> Result<Url, StepError> {
        let first = self.declared(action)?;
        if action.follow != Follow::Pages {
            return Err(astray(action, "the request is not paginated"));
        }
        let url = firewall::allow(address, action.audience(), self.azure.cloud())
            .map_err(|refusal| astray(action, &refusal.to_string()))?;
        if url.origin() != first.origin() {
            return Err(astray(action, "the address has another host than the first page"));
        }
        if !page::is_same_path(&url, &first) {
            return Err(astray(action, "the address has another path than the first page"));
        }
        Ok(url)
    }

    /// Takes the token for `audience` as a value, as the step declared with `action`.
    pub(crate) async fn token(&self, action: &Action, audience: &Audience) -> Result<Token, StepError> {
        self.check(action)?;
        match &action.kind {
            ActionKind::Token(token) if token.text.reveal().as_deref() == Some(audience.as_str()) => {
                self.context.identity()?.token(audience, &self.context).await
            }
            _ => Err(undeclared(action)),
        }
    }

    /// Returns the URL of a request that the step declared and the firewall allows.
    pub(crate) fn declared(&self, action: &Action) -> Result<Url, StepError> {
        self.check(action)?;
        let url = sent(action)?.url.reveal();
        let url = url.ok_or_else(|| StepError::internal("a URL is not known yet"))?;
        let allowed = match action.audience() {
            None if sent(action)?.plain_http => firewall::allow_in_the_clear(&url),
            audience => firewall::allow(&url, audience, self.azure.cloud()),
        };
        allowed.map_err(|refusal| {
            StepError::new(ErrorKind::Forbidden, "the request is not allowed")
                .detail(format!("{refusal}."))
                .request(line(action))
                .help("use a resource of the cloud in which the runbook runs")
        })
    }

    /// Sends `request` with a token, and once more with another one if the first is refused; `shown` is its
    /// URL with sensitive parts redacted.
    pub(crate) async fn exchange(
        &self,
        action: &Action,
        request: Request,
        shown: String,
    ) -> Result<HttpResponse, StepError> {
        self.exchange_late(action, request, shown, Late::default()).await
    }

    /// Sends `request` as [`Self::exchange`] does; the refusals of `late` are explained too.
    async fn exchange_late(
        &self,
        action: &Action,
        request: Request,
        shown: String,
        late: Late,
    ) -> Result<HttpResponse, StepError> {
        let client = self.azure.client(&request.url);
        // A request that follows from that of the action, such as a poll, only reads.
        let follows = request.method == Method::Get && sent(action)?.method != Method::Get;
        let safety = if follows { Safety::Reads } else { action.safety };
        let asked = Asked {
            url: shown,
            holds_secret: request.holds_secret || holds_secret(action),
            audience: action.audience().cloned(),
            needs: action.needs.clone(),
            safety,
            proxy: client.proxy(&request.url),
            ..Asked::new(self.azure.peer(&request.url), request.method, &request.url)
        };
        let is_foreign = self.azure.peer(&request.url) == Peer::Other;
        let attempts = RequestRetries::new(self.policy(&request.url), safety).foreign(is_foreign);
        let Some(audience) = action.audience() else {
            client.ready().await?;
            return self.deliver(client, &request, &asked, &mut { attempts }).await;
        };
        let identity = self.context.identity()?;
        let ((), token) = tokio::try_join!(client.ready(), identity.token(audience, &self.context))?;
        let caller = token.principal().get("object_id");
        let late = late.or(self.azure.lag().of(request.method, &request.url, caller));
        let mut attempts = attempts.after_changes(late);
        let request = request.authorize(&bearer(&token))?;
        let error = match self.deliver(client, &request, &asked, &mut attempts).await {
            Err(error) if error.status() == Some(401) => error,
            done => return done,
        };
        let Some(another) = identity.another_token(audience, &token, &self.context).await? else {
            return Err(error);
        };
        let request = request.authorize(&bearer(&another))?;
        self.deliver(client, &request, &asked, &mut attempts).await
    }

    /// Returns the retry policy of requests to `url`: a single attempt if the step itself is retried.
    fn policy(&self, url: &Url) -> Policy {
        let policy = self.azure.policy(url);
        if self.context.sends_once() { policy.once() } else { policy }
    }

    async fn deliver(
        &self,
        client: &Client,
        request: &Request,
        asked: &Asked,
        attempts: &mut RequestRetries,
    ) -> Result<HttpResponse, StepError> {
        let delivered = deliver(client, request, asked, attempts, &self.context, None).await;
        if let Ok(response) = &delivered {
            self.azure.lag().note(request.method, &request.url, response.status);
        }
        delivered.map_err(|failure| asked.error(&failure, attempts))
    }
}

/// Returns true if the request contains a sensitive value, which the service's message may repeat.
pub(super) fn holds_secret(action: &Action) -> bool {
    action.request().is_some_and(|HttpRequest { url, headers, .. }| {
        url.is_sensitive() || headers.iter().any(|(_, value)| value.is_sensitive())
    })
}

/// Adds the headers that an action declares, as far as the request `keeps` them.
pub(super) fn declared_headers(
    mut request: Request,
    declared: &HttpRequest,
    keeps: fn(&str) -> bool,
) -> Result<Request, StepError> {
    for (name, value) in declared.headers.iter().filter(|(name, _)| keeps(name)) {
        let value = value.reveal().ok_or_else(|| StepError::internal("a header is not known yet"))?;
        request = request.header(name, &value)?;
    }
    Ok(request)
}

/// Returns the request that `action` sends.
pub(super) fn sent(action: &Action) -> Result<&HttpRequest, StepError> {
    action.request().ok_or_else(|| undeclared(action))
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.reveal())
}

/// Returns the error that the next page of `action` must not be requested.
fn astray(action: &Action, reason: &str) -> StepError {
    StepError::new(ErrorKind::Forbidden, "the link to the next page is not allowed")
        .detail(format!("{reason}."))
        .request(line(action))
        .help("the next page must have the host and path of the first one; look for a proxy or another program that answers in place of the service")
}
