//! Services of the user's own, added to a cloud.

use arcbook_engine::step::Audience;
use serde::Deserialize;
use url::Url;

use super::Cloud;
use super::audience::{is_of_microsoft, plain_url};
use super::host::{Authority, Host};
use super::service::{Endpoint, Service};
use crate::json;
use crate::names::is_loopback;

/// The reason why a service of the user's own is not added to a cloud.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnError {
    /// The audience is neither an https URL nor an `api://` URI.
    #[error(
        "the audience `{0}` must be an https URL or begin with `api://`; the id of an application does not say whose it is"
    )]
    Audience(String),
    /// The audience belongs to a service that the cloud has already.
    #[error("the audience `{0}` is that of another service, which keeps its own hosts")]
    Taken(String),
    /// The audience is that of a service of Microsoft.
    #[error("the audience `{0}` belongs to Microsoft; its tokens are sent to its own host only")]
    Microsoft(String),
    /// A host is not a name, or a `*.` before a suffix of two labels or more.
    #[error("`{0}` is neither the name of a host nor `*.` and a suffix of two labels or more")]
    Host(String),
    /// A host belongs to another service, or its suffix to everybody.
    #[error("`{0}` has hosts of others, which accept tokens for other audiences")]
    Foreign(String),
    /// The document is not a list of services.
    #[error("the document is not a JSON list of objects with `audience` and `hosts`: {0}")]
    Document(String),
    /// There is no host.
    #[error("it has no host")]
    NoHost,
}

/// A service of the user's own, as a document describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    audience: String,
    hosts: Vec<String>,
}

impl Cloud {
    /// Adds the services of the user's own that a document describes: a JSON list of objects with `audience` and
    /// `hosts`.
    pub fn with_described_services(self, document: &[u8]) -> Result<Self, OwnError> {
        let services: Vec<Own> = serde_json::from_slice(json::unmarked(document))
            .map_err(|error| OwnError::Document(json::position(&error)))?;
        services.iter().try_fold(self, |cloud, own| {
            cloud.with_own(&own.audience, &own.hosts.iter().map(String::as_str).collect::<Vec<_>>())
        })
    }

    /// Adds a service of the user's own: the `hosts`, reached over TLS, accept tokens for `audience`.
    ///
    /// A host is a name or `*.` and a suffix of two labels or more, and may have a port. Neither the audience nor a
    /// host can be one that the cloud has already.
    pub fn with_own(mut self, audience: &str, hosts: &[&str]) -> Result<Self, OwnError> {
        let named = || audience.to_owned();
        let own = Audience::new(audience);
        let url = plain_url(audience);
        let is_application = audience.strip_prefix("api://").is_some_and(|rest| {
            !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
        });
        if !is_application && url.as_ref().is_none_or(|url| url.scheme() != "https") {
            return Err(OwnError::Audience(named()));
        }
        if self.endpoint_for(&own).is_some() {
            return Err(OwnError::Taken(named()));
        }
        let hosts = hosts.iter().map(|host| self.own_host(host)).collect::<Result<Vec<_>, _>>()?;
        if hosts.is_empty() {
            return Err(OwnError::NoHost);
        }
        // A host such as NAME.azurewebsites.net is the customer's; its tokens are for that host alone.
        let foreign = url.filter(is_of_microsoft).and_then(|url| Authority::of(&url));
        if foreign.is_some_and(|only| hosts.iter().any(|host| !is_exactly(host, &only))) {
            return Err(OwnError::Microsoft(named()));
        }
        self.push(Endpoint { service: Service::Own, audience: own, aliases: Vec::new(), hosts });
        Ok(self)
    }

    /// Parses a host of the user's own.
    fn own_host(&self, text: &str) -> Result<Host, OwnError> {
        let malformed = || OwnError::Host(text.to_owned());
        let name = text.strip_prefix("*.").unwrap_or(text);
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:".contains(&byte);
        let url = Url::parse(&format!("https://{name}")).ok().filter(|_| name.bytes().all(good));
        let (Some(url), Some(authority)) = (url, Authority::parse(name, 443)) else {
            return Err(malformed());
        };
        let labels: Vec<&str> = authority.host.split('.').collect();
        let is_name = url.domain().is_some() && labels.iter().all(|label| !label.is_empty());
        let is_exact = name == text;
        if !is_name || (!is_exact && labels.len() < 2 && !is_loopback(&url)) {
            return Err(malformed());
        }
        let host = if is_exact { Host::Exact(name.to_owned()) } else { Host::Below(name.to_owned()) };
        let is_everybodys = !is_exact && is_of_microsoft(&url);
        if is_everybodys || self.is_taken(&host, &authority) {
            return Err(OwnError::Foreign(text.to_owned()));
        }
        Ok(host)
    }

    /// Returns whether a host of the user's own is one of another service or of Entra.
    fn is_taken(&self, own: &Host, authority: &Authority) -> bool {
        let login = self.login().and_then(|login| Url::parse(login).ok()).and_then(|url| Authority::of(&url));
        let login = login.map(|login| Host::Exact(format!("{}:{}", login.host, login.port)));
        let default = 443;
        let others = self.services().iter().filter(|endpoint| endpoint.service != Service::Own);
        let mut hosts = others.flat_map(|endpoint| &endpoint.hosts).chain(login.as_ref());
        hosts.any(|host| meet(host, own, authority, default))
            || Self::built_in_login(&authority.host).is_some()
    }
}

/// Returns whether two patterns have a host in common, of which `authority` is the text of `own`.
fn meet(other: &Host, own: &Host, authority: &Authority, default: u16) -> bool {
    let exact = || Authority::parse(other.text(), default);
    match (own, other) {
        (Host::Exact(_), other) => other.holds(authority, default),
        (own, Host::Exact(_)) => exact().is_some_and(|other| own.holds(&other, 443)),
        (_, Host::Below(_)) => exact().is_some_and(|other| other == *authority),
        (_, Host::InZone(_)) => {
            // A label before `z1.SUFFIX` is an account in that zone.
            let zone = Authority { host: format!("x.{}", authority.host), port: authority.port };
            other.holds(&zone, default)
        }
    }
}

fn is_exactly(host: &Host, only: &Authority) -> bool {
    matches!(host, Host::Exact(text) if Authority::parse(text, 443).as_ref() == Some(only))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_of_ones_own_takes_nothing_from_others() {
        let api = "api://orders";
        for (audience, hosts, expected) in [
            (api, &["orders.example.com"][..], "ok"),
            (api, &["orders.example.com:8443", "*.orders.example.com"], "ok"),
            (api, &["orders"], "ok"),
            (api, &["orders.azurewebsites.net"], "ok"),
            ("https://orders.example.com", &["api.example.com"], "ok"),
            ("https://orders.azurewebsites.net", &["orders.azurewebsites.net"], "ok"),
            ("https://orders.azurewebsites.net", &["orders.example.com"], "belongs to Microsoft"),
            ("https://graph.windows.net/", &["evil.example"], "belongs to Microsoft"),
            ("https://database.windows.net/", &["evil.example"], "belongs to Microsoft"),
            ("https://api.loganalytics.io", &["evil.example"], "belongs to Microsoft"),
            ("https://management.azure.com/", &["evil.example"], "another service"),
            ("https://MANAGEMENT.azure.com", &["evil.example"], "another service"),
            ("https://ossrdbms-aad.database.windows.net", &["evil.example"], "another service"),
            ("797f4846-ba00-4fd7-ba17-dac1f8f63fcb", &["evil.example"], "does not say whose"),
            ("http://orders.example.com", &["orders.example.com"], "must be an https URL"),
            ("http://localhost:1", &["localhost:1"], "must be an https URL"),
            ("api://", &["orders.example.com"], "must be an https URL"),
            ("", &["orders.example.com"], "must be an https URL"),
            (api, &[], "no host"),
            (api, &["*.com"], "neither the name"),
            (api, &["*"], "neither the name"),
            (api, &["*.*.example.com"], "neither the name"),
            (api, &["10.0.0.1"], "neither the name"),
            (api, &["https://orders.example.com"], "neither the name"),
            (api, &["orders.example.com/x"], "neither the name"),
            (api, &["user@orders.example.com"], "neither the name"),
            (api, &["orders.example.com."], "neither the name"),
            (api, &[""], "neither the name"),
            (api, &["management.azure.com"], "hosts of others"),
            (api, &["kv1.vault.azure.net"], "hosts of others"),
            (api, &["*.vault.azure.net"], "hosts of others"),
            (api, &["*.azure.net"], "hosts of others"),
            (api, &["*.azurewebsites.net"], "hosts of others"),
            (api, &["acc.z1.blob.storage.azure.net"], "hosts of others"),
            (api, &["*.z1.blob.storage.azure.net"], "hosts of others"),
            (api, &["graph.microsoft.com"], "hosts of others"),
            (api, &["login.microsoftonline.com"], "hosts of others"),
            (api, &["login.microsoftonline.us"], "hosts of others"),
        ] {
            let told = match Cloud::public().with_own(audience, hosts) {
                Ok(cloud) => {
                    assert_eq!(
                        (cloud.is_built_in(), cloud.own_hosts().len()),
                        (true, hosts.len()),
                        "{hosts:?}"
                    );
                    "ok".to_owned()
                }
                Err(error) => error.to_string(),
            };
            assert!(told.contains(expected), "{audience} {hosts:?}: {told}");
        }
    }

    #[test]
    fn a_second_service_has_its_own_audience() {
        let cloud = Cloud::public().with_own("api://a", &["a.example.com"]).unwrap();
        assert_eq!(cloud.audience(Service::Own).as_str(), "api://a");
        let taken = cloud.clone().with_own("api://A/", &["b.example.com"]);
        assert_eq!(taken, Err(OwnError::Taken("api://A/".to_owned())));
        assert!(cloud.with_own("api://b", &["a.example.com"]).is_ok(), "one host may serve two audiences");
    }

    #[test]
    fn a_document_lists_services() {
        for (document, expected) in [
            ("[]", Ok(0)),
            (r#"[{"audience":"api://a","hosts":["a.example.com"]}]"#, Ok(1)),
            ("\u{feff}[{\"audience\":\"api://a\",\"hosts\":[\"a.example.com\"]}]", Ok(1)),
            (r#"[{"audience":"api://a","hosts":[]}]"#, Err("no host")),
            (r#"[{"audience":"api://a"}]"#, Err("`audience` and `hosts`")),
            (
                r#"[{"audience":"api://a","hosts":["a.example.com"],"host":"x"}]"#,
                Err("`audience` and `hosts`"),
            ),
            ("{}", Err("`audience` and `hosts`")),
        ] {
            let read = Cloud::public().with_described_services(document.as_bytes());
            match (read, expected) {
                (Ok(cloud), Ok(count)) => {
                    let own = cloud.services().iter().filter(|endpoint| endpoint.service == Service::Own);
                    assert_eq!(own.count(), count, "{document}");
                }
                (Err(error), Err(expected)) => assert!(error.to_string().contains(expected), "{error}"),
                (read, _) => panic!("{document}: {read:?}"),
            }
        }
    }
}
