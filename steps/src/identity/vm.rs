//! Requests tokens from the metadata service of an Azure virtual machine.

use arcbook_engine::step::{Audience, Context, ErrorKind, Method, Safety, StepError, Token};
use url::{Host, Url};

use super::selector::Selector;
use super::token;
use crate::environment::Environment;
use crate::http::{Asked, Client, Peer, Policy, Request, RequestRetries, deliver};
use crate::names::is_loopback;

/// The address of the metadata service on every virtual machine.
const DEFAULT: &str = "http://169.254.169.254";

/// The variable by which Microsoft's clients find the service at another address.
pub(super) const VARIABLE: &str = "AZURE_POD_IDENTITY_AUTHORITY_HOST";

const TOKEN: &str = "/metadata/identity/oauth2/token";

const API_VERSION: &str = "2018-02-01";

/// The metadata service of an Azure virtual machine.
#[derive(Clone)]
pub(crate) struct Vm {
    pub endpoint: Url,
    pub selector: Selector,
    pub client: Client,
    pub policy: Policy,
    /// Returns the current Unix time, in seconds.
    pub now: fn() -> i64,
}

/// Returns the base URL of the service: the one that the environment names, or the usual one.
///
/// Fails if that is not on this machine or its link: the service of another machine gives tokens of another identity.
pub(crate) fn base(environment: &Environment) -> Result<Url, StepError> {
    let base = environment.get(VARIABLE).unwrap_or(DEFAULT);
    let url = Url::parse(base).ok().filter(|url| {
        let is_near =
            is_loopback(url) || matches!(url.host(), Some(Host::Ipv4(host)) if host.is_link_local());
        let is_plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        url.scheme() == "http" && is_near && is_plain && url.path() == "/"
    });
    url.ok_or_else(|| {
        StepError::new(ErrorKind::Forbidden, format!("{VARIABLE} is not an http URL of this machine or its link"))
            .detail("The metadata service of an Azure virtual machine is reached without TLS, and only from that machine.")
            .help(format!("unset {VARIABLE}, or set it to {DEFAULT}"))
    })
}

/// Returns the URL of token requests.
pub(super) fn endpoint(environment: &Environment) -> Result<Url, StepError> {
    let mut url = base(environment)?;
    url.set_path(TOKEN);
    Ok(url)
}

impl Vm {
    /// Requests a token for `audience`, and registers it as a secret of the run.
    pub async fn token(&self, audience: &Audience, context: &Context) -> Result<Token, StepError> {
        let url = self.url(audience);
        let asked = Asked { audience: Some(audience.clone()), ..Asked::new(Peer::Vm, Method::Get, &url) };
        let request = Request::new(Method::Get, url).header("metadata", "true")?;
        let mut attempts = RequestRetries::new(self.policy, Safety::Reads);
        let delivered = deliver(&self.client, &request, &asked, &mut attempts, context, None).await;
        let response = delivered.map_err(|failure| asked.error(&failure, &attempts))?;
        let empty = || response.nonsense("its access_token is empty");
        let token = token::read(&response, (self.now)(), empty)?;
        context.secrets().add(token.reveal());
        Ok(token)
    }

    /// Returns the URL of token requests for `audience`.
    pub fn url(&self, audience: &Audience) -> Url {
        self.selector.url(&self.endpoint, API_VERSION, audience)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_on_this_machine_or_its_link() {
        for (host, expected) in [
            ("", Some("http://169.254.169.254/metadata/identity/oauth2/token")),
            ("http://127.0.0.1:8080", Some("http://127.0.0.1:8080/metadata/identity/oauth2/token")),
            ("http://localhost:8080/", Some("http://localhost:8080/metadata/identity/oauth2/token")),
            ("http://169.254.1.2", Some("http://169.254.1.2/metadata/identity/oauth2/token")),
            ("http://evil.example", None),
            ("https://127.0.0.1", None),
            ("http://10.0.0.1", None),
            ("http://169.254.169.254@evil.example", None),
            ("http://localhost/x", None),
            ("localhost:8080", None),
        ] {
            let url = endpoint(&[(VARIABLE, host)].into_iter().collect());
            assert_eq!(url.as_ref().map(Url::as_str).ok(), expected, "{host}");
        }
    }
}
