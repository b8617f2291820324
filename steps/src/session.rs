//! The session of a running step, which sends its declared calls.

use std::sync::Arc;

use arcbook_engine::step::{Audience, Body, Call, Context, ErrorKind, PriorState, StepError};
use arcbook_engine::value::Value;
use bytes::Bytes;
use url::Url;

use crate::azure::Azure;
use crate::file;
use crate::http::{Asked, Client, HttpResponse, Policy, Request, RequestRetries, deliver, firewall};
use crate::identity::Token;
use crate::page;

/// The session of one running step: it sends the calls that the step declared, and no others.
pub struct Session {
    azure: Arc<Azure>,
    context: Context,
    calls: Vec<Call>,
}

impl Session {
    /// Creates the session of a step that declared `calls`.
    #[must_use]
    pub fn new(azure: Arc<Azure>, context: Context, calls: Vec<Call>) -> Self {
        Self { azure, context, calls }
    }

    /// Returns the Azure clients of the step's calls.
    pub(crate) fn azure(&self) -> &Azure {
        &self.azure
    }

    /// Returns the state before the change was first attempted; none if it was not attempted yet.
    #[must_use]
    pub fn before(&self) -> Option<PriorState> {
        self.context.before()
    }

    /// Returns the name of the run that is to make the change, if any.
    #[must_use]
    pub fn run(&self) -> Option<&str> {
        self.context.run()
    }

    /// Returns whether `run`, the name in an object's metadata, is this run or one that it resumes or undoes.
    #[must_use]
    pub fn is_own(&self, run: Option<&str>) -> bool {
        run.is_some_and(|run| self.context.is_own(run))
    }

    /// Returns the output `name` that an earlier run recorded when it made the change; none if no run is
    /// known to have made it, or its record does not contain that output.
    #[must_use]
    pub fn recorded(&self, name: &str) -> Option<&Value> {
        self.context.recorded()?.get(name)
    }

    /// Returns the steps whose changes within the collection at `url` could not be undone.
    pub fn left_within(&self, url: &str) -> impl Iterator<Item = &str> {
        self.context.left_within(url)
    }

    /// Redacts `secret` in all output from now on.
    pub(crate) fn secret(&self, secret: &str) {
        self.context.secrets().add(secret);
    }

    /// Sends `call`, with its body file read if it has one, and returns the successful response.
    pub(crate) async fn send(&self, call: &Call) -> Result<HttpResponse, StepError> {
        let body = self.load(call).await?;
        self.send_loaded(call, body, &[]).await
    }

    /// Returns an error if the call's body file cannot be sent; the file is opened but not read.
    pub(crate) async fn look(&self, call: &Call) -> Result<(), StepError> {
        match &call.body {
            Body::File(path) => file::open(&self.context.directory().join(path)).await.map(drop),
            _ => Ok(()),
        }
    }

    /// Returns the call's body, read from its file if it has one.
    pub(crate) async fn load(&self, call: &Call) -> Result<Option<Bytes>, StepError> {
        match &call.body {
            Body::None => Ok(None),
            Body::Bytes(bytes) => Ok(Some(bytes.clone())),
            Body::File(path) => {
                let bytes = file::read(&self.context.directory().join(path)).await?;
                self.context.check_file(path, &bytes)?;
                Ok(Some(bytes))
            }
            Body::Unknown => Err(StepError::internal("a body is not known yet")),
        }
    }

    /// Sends `call` with `body`, the result of [`Self::load`], and with headers derived from it.
    pub(crate) async fn send_loaded(
        &self,
        call: &Call,
        body: Option<Bytes>,
        headers: &[(&str, &str)],
    ) -> Result<HttpResponse, StepError> {
        let url = self.declared(call)?;
        let mut request = Request::new(call.method, url).body(body);
        for (name, value) in &call.headers {
            let value = value.reveal().ok_or_else(|| StepError::internal("a header is not known yet"))?;
            request = request.header(name, &value)?;
        }
        for (name, value) in headers {
            request = request.header(name, value)?;
        }
        self.exchange(call, request, call.url.to_string()).await
    }

    /// Returns the address of the page that `next` links to from the page of `call` at `page`: it must have
    /// the same host and path, with any query.
    pub(crate) fn next_page(&self, call: &Call, page: &Url, next: &str) -> Result<Url, StepError> {
        let address = page::resolve(page, next).map_err(|reason| astray(call, &reason))?;
        self.page(call, &address)
    }

    /// Requests the page of `call` at an address from [`Self::next_page`], with the same token.
    pub(crate) async fn send_page(&self, call: &Call, page: &Url) -> Result<HttpResponse, StepError> {
        let url = self.page(call, page.as_str())?;
        let shown = match call.url.to_string().split_once('?') {
            // The service's link may repeat a sensitive value in its query.
            Some((path, _)) if call.url.is_sensitive() => format!("{path}?(sensitive)"),
            _ => url.to_string(),
        };
        self.exchange(call, Request::new(call.method, url), shown).await
    }

    /// Returns the URL of a page of `call`.
    fn page(&self, call: &Call, address: &str) -> Result<Url, StepError> {
        let first = self.declared(call)?;
        if !call.pages {
            return Err(astray(call, "the call is not paginated"));
        }
        let url = firewall::allow(address, call.audience.as_ref(), self.azure.cloud())
            .map_err(|refusal| astray(call, &refusal.to_string()))?;
        if url.origin() != first.origin() {
            return Err(astray(call, "the address has another host than the first page"));
        }
        if !page::is_same_path(&url, &first) {
            return Err(astray(call, "the address has another path than the first page"));
        }
        Ok(url)
    }

    /// Returns a token for `audience`; `call` is the request to the agent.
    pub(crate) async fn token(&self, call: &Call, audience: &Audience) -> Result<Token, StepError> {
        let url = self.declared(call)?;
        if self.azure.agent_token_url(audience).as_ref() != Some(&url) {
            return Err(undeclared(call));
        }
        self.azure.token(audience, &self.context).await
    }

    /// Returns the URL of a call that the step declared and the firewall allows.
    pub(crate) fn declared(&self, call: &Call) -> Result<Url, StepError> {
        if !self.calls.contains(call) {
            return Err(undeclared(call));
        }
        let url = call.url.reveal().ok_or_else(|| StepError::internal("a URL is not known yet"))?;
        firewall::allow(&url, call.audience.as_ref(), self.azure.cloud()).map_err(|refusal| {
            StepError::new(ErrorKind::Forbidden, "the request is not allowed")
                .detail(format!("{refusal}."))
                .request(format!("{} {}", call.method, call.url))
                .help("use a resource of the cloud in which the runbook runs")
        })
    }

    /// Sends `request` with a token, and once more with another one if the first is refused; `shown` is its
    /// URL with sensitive parts redacted.
    async fn exchange(
        &self,
        call: &Call,
        request: Request,
        shown: String,
    ) -> Result<HttpResponse, StepError> {
        let client = self.azure.client(&request.url);
        let asked = Asked {
            url: shown,
            holds_secret: call.url.is_sensitive()
                || call.headers.iter().any(|(_, value)| value.is_sensitive()),
            audience: call.audience.clone(),
            permission: call.permission,
            proxy: client.proxy(&request.url),
            ..Asked::new(self.azure.peer(&request.url), call.method, &request.url)
        };
        let mut attempts = RequestRetries::new(self.policy(&request.url));
        let Some(audience) = &call.audience else {
            client.ready().await?;
            return self.deliver(client, &request, &asked, &mut attempts).await;
        };
        let ((), token) = tokio::try_join!(client.ready(), self.azure.token(audience, &self.context))?;
        let request = request.authorize(&bearer(&token))?;
        let error = match self.deliver(client, &request, &asked, &mut attempts).await {
            Err(error) if error.status() == Some(401) => error,
            done => return done,
        };
        let Some(another) = self.azure.another_token(audience, &token, &self.context).await? else {
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
        delivered.map_err(|failure| asked.error(&failure, attempts))
    }
}

fn bearer(token: &Token) -> String {
    format!("Bearer {}", token.reveal())
}

/// Returns the error that the next page of `call` must not be requested.
fn astray(call: &Call, reason: &str) -> StepError {
    StepError::new(ErrorKind::Forbidden, "the link to the next page is not allowed")
        .detail(format!("{reason}."))
        .request(format!("{} {}", call.method, call.url))
        .help("the next page must have the host and path of the first one; look for a proxy or another program that answers in place of the service")
}

fn undeclared(call: &Call) -> StepError {
    StepError::new(ErrorKind::Forbidden, "the step sends a request that it did not declare")
        .detail("A run sends the requests of its plan and no others.")
        .request(format!("{} {}", call.method, call.url))
        .help("this is a bug in the step type; report it")
}
