//! Requests a token as an application.

use std::sync::Arc;

use arcbook_engine::step::{
    Action, Arg, Audience, Context, ErrorKind, HttpRequest, Method, Safety, StepError, Text, Token,
};
use bytes::Bytes;
use url::Url;

use super::assertion::assertion;
use super::code::{Again, code, numbers};
use super::federated::Facts;
use super::form::{Proven, form};
use super::names::{ClientId, Tenant};
use super::proof::{Proof, Ready};
use crate::cloud::Cloud;
use crate::http::{Asked, Client, Peer, Policy, Request, RequestRetries, deliver_each, firewall};
use crate::identity;

/// The path of the token endpoint below a tenant.
const TOKEN: &str = "/oauth2/v2.0/token";

/// An application, and the way in which it proves itself.
#[derive(Clone)]
pub(crate) struct Application {
    pub cloud: Arc<Cloud>,
    pub tenant: Tenant,
    pub client_id: ClientId,
    pub proof: Proof,
    pub client: Client,
    pub policy: Policy,
    /// Returns the current Unix time, in seconds.
    pub now: fn() -> i64,
}

/// Returns the request for a token in a tenant that may be unknown; none if the cloud names no login host.
pub(crate) fn login_action(cloud: &Cloud, tenant: &Arg<Tenant>) -> Option<Action> {
    let url = Text::from(cloud.login()?).then("/");
    let url = url.then_parts(tenant, |Tenant(tenant)| tenant.clone()).then(TOKEN);
    // It changes nothing, so it may be sent again.
    Some(HttpRequest::new(Method::Post, url).action().safety(Safety::Reads))
}

impl Application {
    /// Requests a token for `audience`; what proves the application and the token are registered as secrets of the
    /// run before their first use.
    pub async fn token(self, audience: Audience, context: Context) -> Result<Token, StepError> {
        let url = self.url()?;
        self.client.ready().await?;
        let ready = self.proof.ready(context.directory()).await?;
        let error = match self.request(&url, &audience, &ready, &context).await {
            Ok(token) => return Ok(token),
            Err(error) => error,
        };
        if again(&error) != Again::NewToken {
            return Err(error);
        }
        // The system that writes the token may have replaced it in the meantime.
        let (Ready::Token(old), Ready::Token(new)) = (&ready, self.proof.ready(context.directory()).await?)
        else {
            return Err(error);
        };
        if *old == new {
            return Err(error);
        }
        self.request(&url, &audience, &Ready::Token(new), &context).await
    }

    /// Returns the token endpoint, on the login host of the cloud.
    fn url(&self) -> Result<Url, StepError> {
        let Some(login) = self.cloud.login() else {
            return Err(no_login(&self.cloud));
        };
        let text = format!("{login}/{}{TOKEN}", self.tenant.0);
        firewall::allow_login(&text, &self.cloud).map_err(|refusal| {
            StepError::new(ErrorKind::Forbidden, "the request is not allowed").detail(format!("{refusal}."))
        })
    }

    async fn request(
        &self,
        url: &Url,
        audience: &Audience,
        ready: &Ready,
        context: &Context,
    ) -> Result<Token, StepError> {
        if let Ready::Secret(secret) | Ready::Token(secret) = ready {
            context.secrets().add(secret);
        }
        let asked = Asked {
            audience: Some(audience.clone()),
            safety: Safety::Reads,
            proxy: self.client.proxy(url),
            ..Asked::new(Peer::Entra, Method::Post, url)
        };
        let request = Request::new(Method::Post, url.clone())
            .header("content-type", "application/x-www-form-urlencoded")?
            .header("accept", "application/json")?;
        let mut attempts = RequestRetries::new(self.policy, Safety::Reads);
        // Each attempt has an assertion of its own, since an earlier one may have been used up.
        let mut next = || Ok(request.clone().body(Some(self.form(url, audience, ready, context)?.into())));
        let delivered = deliver_each(&self.client, &mut next, &asked, &mut attempts, context).await;
        let response =
            delivered.map_err(|failure| self.explained(asked.error(&failure, &attempts), ready))?;
        let token =
            identity::read(&response, (self.now)(), || response.nonsense("its access_token is empty"))?;
        context.secrets().add(token.reveal());
        Ok(token)
    }

    fn form(
        &self,
        url: &Url,
        audience: &Audience,
        ready: &Ready,
        context: &Context,
    ) -> Result<Bytes, String> {
        let ClientId(client) = &self.client_id;
        match ready {
            Ready::Secret(secret) => Ok(form(client, audience.as_str(), &Proven::Secret(secret))),
            Ready::Token(token) => Ok(form(client, audience.as_str(), &Proven::Assertion(token))),
            Ready::Certificate(certificate, with_chain) => {
                let made = assertion(certificate, client, url.as_str(), *with_chain, (self.now)());
                let made = made.map_err(|_| "the system has no random numbers to sign with".to_owned())?;
                context.secrets().add(&made);
                Ok(form(client, audience.as_str(), &Proven::Assertion(&made)))
            }
        }
    }

    /// Adds what this side knows about a refusal.
    fn explained(&self, error: StepError, ready: &Ready) -> StepError {
        let codes: Vec<u32> = numbers_of(&error).collect();
        let ended = |ends: i64| ends < (self.now)();
        match ready {
            Ready::Token(token) if codes.iter().any(|code| is_federation(*code)) => {
                let facts = Facts::of(token);
                facts.map_or(error.clone(), |facts| error.more_detail(&facts.told()))
            }
            Ready::Token(token) if Facts::of(token).and_then(|facts| facts.ends).is_some_and(ended) => {
                error.more_detail("The federated token has expired by this machine's clock.")
            }
            Ready::Certificate(certificate, _) if ended(certificate.ends) => {
                error.more_detail("The certificate has expired by this machine's clock.")
            }
            _ => error,
        }
    }
}

/// Returns the error for a cloud in which no application can get a token.
pub(super) fn no_login(cloud: &Cloud) -> StepError {
    StepError::new(ErrorKind::Local, format!("the cloud {} names no login host", cloud.name))
        .detail("An application gets its tokens from Microsoft Entra, whose address the document of a cloud names as `loginEndpoint`.")
        .help("use the managed identity of this machine, or another cloud")
}

/// Returns the numbers of the codes in an error of Entra.
fn numbers_of(error: &StepError) -> impl Iterator<Item = u32> {
    let exact = error.code().into_iter().flat_map(numbers);
    exact.chain(error.why().into_iter().flat_map(numbers))
}

fn again(error: &StepError) -> Again {
    numbers_of(error).find_map(code).map_or(Again::Never, |code| code.again)
}

fn is_federation(number: u32) -> bool {
    code(number).is_some_and(|code| code.numbers.contains(&700_213))
}
