//! Decides which requests may leave this machine, and which token each may carry.
//!
//! It checks the very URL that is sent, parsed once by the HTTP client's own parser, so that no second parse
//! can yield another host.

use arcbook_engine::step::Audience;
use url::Url;

use crate::cloud::{Authority, Cloud, Endpoint};
use crate::names::is_loopback;

/// The reason why a request may not be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The URL cannot be parsed.
    #[error("it is not a URL: {0}")]
    NotUrl(url::ParseError),
    /// The authority contains more than a host name or address and a port.
    #[error("between `://` and the path there may only be a host name or address and a port")]
    Authority,
    /// The URL contains control characters, or a backslash that parsers treat as a slash.
    #[error("it contains a control character or a backslash")]
    Characters,
    /// The request would cross a network unencrypted.
    #[error("{0} does not use TLS, which is required for every host but this machine")]
    InTheClear(String),
    /// The token is not for this host.
    #[error("a token for {audience} may be sent only to {hosts}, not to {host}")]
    ForeignHost {
        /// The audience of the token.
        audience: Audience,
        /// The hosts that accept such tokens.
        hosts: String,
        /// The host of the request.
        host: String,
    },
    /// A secret would leave for another host than that of Entra.
    #[error("what proves an identity may be sent only to {login}, not to {host}")]
    NotLogin {
        /// The login host of the cloud.
        login: String,
        /// The host of the request.
        host: String,
    },
    /// No known host accepts such tokens.
    #[error("no host of {cloud} accepts a token for {audience}")]
    UnknownAudience {
        /// The audience of the token.
        audience: Audience,
        /// The cloud's name.
        cloud: String,
    },
}

/// Returns the parsed URL of a request that may be sent, with a token for `audience` if that is given.
pub(crate) fn allow(text: &str, audience: Option<&Audience>, cloud: &Cloud) -> Result<Url, Refusal> {
    let url = plain(text, false)?;
    let Some(audience) = audience else { return Ok(url) };
    let endpoint = endpoint(audience, cloud)?;
    if cloud.is_at(endpoint, &url) {
        return Ok(url);
    }
    Err(foreign(endpoint, url.host_str().unwrap_or_default()))
}

/// Checks that a database at this host and port may be logged in to with a token for `audience`.
///
/// The caller verifies the server's certificate for this host.
pub(crate) fn allow_database(
    host: &str,
    port: u16,
    audience: &Audience,
    cloud: &Cloud,
) -> Result<(), Refusal> {
    let endpoint = endpoint(audience, cloud)?;
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-".contains(&byte);
    if host.is_empty() || !host.bytes().all(good) {
        return Err(Refusal::Authority);
    }
    let authority = Authority { host: host.to_ascii_lowercase(), port };
    if endpoint.is_database_at(&authority) { Ok(()) } else { Err(foreign(endpoint, host)) }
}

/// Returns the parsed URL of a request to Entra, which contains a secret or what stands for one.
pub(crate) fn allow_login(text: &str, cloud: &Cloud) -> Result<Url, Refusal> {
    let url = plain(text, false)?;
    let login = cloud.login().unwrap_or_default();
    if Url::parse(login).is_ok_and(|login| login.origin() == url.origin()) {
        return Ok(url);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    Err(Refusal::NotLogin { login: login.to_owned(), host })
}

fn endpoint<'a>(audience: &Audience, cloud: &'a Cloud) -> Result<&'a Endpoint, Refusal> {
    let unknown = || Refusal::UnknownAudience { audience: audience.clone(), cloud: cloud.name.clone() };
    cloud.endpoint_for(audience).ok_or_else(unknown)
}

fn foreign(endpoint: &Endpoint, host: &str) -> Refusal {
    Refusal::ForeignHost {
        audience: endpoint.audience.clone(),
        hosts: endpoint.told(),
        host: host.to_owned(),
    }
}

/// Returns the parsed URL of a request that carries no token and may cross a network without TLS.
pub(crate) fn allow_in_the_clear(text: &str) -> Result<Url, Refusal> {
    plain(text, true)
}

/// Parses an unambiguous URL that uses TLS or stays on this machine, unless it may be `in_the_clear`.
fn plain(text: &str, in_the_clear: bool) -> Result<Url, Refusal> {
    let path_end = text.find(['?', '#']).unwrap_or(text.len());
    if text.chars().any(char::is_control) || text[..path_end].contains('\\') {
        return Err(Refusal::Characters);
    }
    let url = Url::parse(text).map_err(Refusal::NotUrl)?;
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    let host = url.host_str().unwrap_or_default();
    if authority.is_empty() || !authority.bytes().all(good) || host.ends_with('.') || host.starts_with('.') {
        return Err(Refusal::Authority);
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if in_the_clear || is_loopback(&url) => Ok(url),
        _ => Err(Refusal::InTheClear(host.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{Host, Service};

    const ARM: &str = "https://management.azure.com";
    const VAULT: &str = "https://vault.azure.net";
    const STORAGE: &str = "https://storage.azure.com";
    const GRAPH: &str = "https://graph.microsoft.com";
    const GOVERNMENT_DATABASE: &str = "https://ossrdbms-aad.database.usgovcloudapi.net";
    const CHINA_DATABASE: &str = "https://ossrdbms-aad.database.chinacloudapi.cn";
    const DATABASE: &str = "https://ossrdbms-aad.database.windows.net";

    fn judge(url: &str, audience: &str, cloud: &Cloud) -> Result<(), Refusal> {
        let audience = (!audience.is_empty()).then(|| Audience::new(audience));
        allow(url, audience.as_ref(), cloud).map(drop)
    }

    #[test]
    fn a_token_goes_to_hosts_of_its_own_audience() {
        for (url, audience) in [
            ("https://management.azure.com/subscriptions?api-version=2021-04-01", ARM),
            ("https://MANAGEMENT.azure.com:443/", "https://management.azure.com/"),
            ("https://kv1.vault.azure.net/secrets/x?api-version=7.4", VAULT),
            ("https://kv-1.vault.azure.net:443/", VAULT),
            ("https://acc.blob.core.windows.net/c/b%5c", STORAGE),
            ("https://acc.z5.blob.storage.azure.net/c/b", STORAGE),
            ("https://acc.z00.blob.storage.azure.net/c/b", STORAGE),
            ("https://ACC.Z99.blob.storage.azure.net:443/c", STORAGE),
            ("https://graph.microsoft.com/v1.0/me", GRAPH),
            ("https://graph.microsoft.com/v1.0/me", "https://graph.microsoft.com/"),
            ("https://example.com/", ""),
            ("http://127.0.0.1:40342/metadata/instance", ""),
            ("http://[::1]:40342/", ""),
            ("http://a.localhost/", ""),
        ] {
            assert_eq!(judge(url, audience, &Cloud::public()), Ok(()), "{url} {audience}");
        }
    }

    #[test]
    fn a_token_goes_nowhere_else() {
        for (url, audience) in [
            ("https://evil.example/", ARM),
            ("https://management.azure.com.evil.example/", ARM),
            ("https://evilmanagement.azure.com/", ARM),
            ("https://x.management.azure.com/", ARM),
            ("https://management.azure.com:8443/", ARM),
            ("https://kv1.vault.azure.net/", ARM),
            ("https://management.azure.com/", VAULT),
            ("https://vault.azure.net/", VAULT),
            ("https://evilvault.azure.net/", VAULT),
            ("https://kv1.vault.azure.net.evil.example/", VAULT),
            ("https://kv1.evil.vault.azure.net/", VAULT),
            ("https://kv1.vault.azure.net:444/", VAULT),
            ("https://kv1.vault.usgovcloudapi.net/", VAULT),
            ("https://acc.queue.core.windows.net/", STORAGE),
            ("https://acc.blob.storage.azure.net/", STORAGE),
            ("https://z5.blob.storage.azure.net/", STORAGE),
            ("https://acc.z5.blob.storage.azure.net.evil.example/", STORAGE),
            ("https://acc.z5.evil.blob.storage.azure.net/", STORAGE),
            ("https://acc.evil.z5.blob.storage.azure.net/", STORAGE),
            ("https://acc.z.blob.storage.azure.net/", STORAGE),
            ("https://acc.z123.blob.storage.azure.net/", STORAGE),
            ("https://acc.zx.blob.storage.azure.net/", STORAGE),
            ("https://acc.5.blob.storage.azure.net/", STORAGE),
            ("https://acc.z5.dfs.storage.azure.net/", STORAGE),
            ("https://acc.z5.blob.core.windows.net/", STORAGE),
            ("https://acc.z5.blob.storage.azure.net:8443/", STORAGE),
            ("https://acc.z5.blob.storage.azure.net/", VAULT),
            ("https://storage.azure.net/", STORAGE),
            ("https://acc.blob.core.windows.net/", VAULT),
            ("https://127.0.0.1/", ARM),
            ("https://graph.microsoft.com/", ARM),
            ("https://x.graph.microsoft.com/", GRAPH),
            ("https://graph.microsoft.us/", GRAPH),
            ("https://dod-graph.microsoft.us/", GRAPH),
            ("https://management.azure.com/", GRAPH),
            ("https://login.microsoftonline.com/", GRAPH),
            ("https://graph.windows.net/", "https://graph.windows.net"),
            ("https://graph.microsoft.us/", "https://graph.microsoft.us"),
            ("https://db.postgres.database.azure.com/", DATABASE),
            ("https://db.postgres.database.azure.com:5432/", DATABASE),
            ("https://db.writer.postgres.database.azure.com:6432/", DATABASE),
            ("https://ossrdbms-aad.database.windows.net/", DATABASE),
            ("https://management.azure.com/", DATABASE),
        ] {
            let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
            let foreign = matches!(refusal, Refusal::ForeignHost { .. } | Refusal::UnknownAudience { .. });
            assert!(foreign, "{url} {audience}: {refusal}");
        }
    }

    #[test]
    fn only_the_public_cloud_has_accounts_in_zones() {
        for cloud in [Cloud::us_government(), Cloud::china()] {
            let refusal = judge("https://acc.z5.blob.storage.azure.net/", STORAGE, &cloud);
            assert!(matches!(refusal, Err(Refusal::ForeignHost { .. })), "{}", cloud.name);
        }
    }

    #[test]
    fn no_trick_gets_through() {
        for url in [
            "https://management.azure.com@evil.example/",
            "https://user:pass@management.azure.com/",
            "https://@management.azure.com/",
            "https://management.azure.com\\@evil.example/",
            "https:\\\\management.azure.com/",
            "https:/\\evil.example/",
            "https://evil.example\\.management.azure.com/",
            "https://management.azure.com./",
            "https://.management.azure.com/",
            "https://management.azure.com%2eevil.example/",
            "https://management。azure.com/",
            "https://mаnagement.azure.com/",
            "https://manage\tment.azure.com/",
            "https://management.azure.com/\r\nHost: evil",
            "\u{1}https://management.azure.com/",
            "https:management.azure.com/",
            "//management.azure.com/",
            "management.azure.com",
            "",
        ] {
            for audience in [ARM, ""] {
                let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
                let malformed =
                    matches!(refusal, Refusal::NotUrl(_) | Refusal::Authority | Refusal::Characters);
                assert!(malformed, "{url:?}: {refusal}");
            }
        }
    }

    #[test]
    fn only_this_machine_is_reached_without_tls() {
        for url in [
            "http://management.azure.com/",
            "http://localhost.evil.example/",
            "http://evillocalhost/",
            "http://169.254.169.254/metadata",
            "http://10.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
            "http://0.0.0.0/",
            "ftp://127.0.0.1/",
            "ws://localhost/",
        ] {
            for audience in [ARM, ""] {
                let refusal = judge(url, audience, &Cloud::public()).unwrap_err();
                assert!(matches!(refusal, Refusal::InTheClear(_)), "{url}: {refusal}");
            }
        }
    }

    #[test]
    fn a_cloud_on_another_port_is_held_to_it() {
        let cloud = Cloud::new("Lab", "http://management.localhost:8080", Audience::new(ARM));
        let vaults = [Host::Below("vault.localhost:8080".to_owned())];
        let cloud = cloud.serving(Service::KeyVault, Audience::new(VAULT), vaults);
        for (url, audience, allowed) in [
            ("http://management.localhost:8080/x", ARM, true),
            ("http://management.localhost:8081/x", ARM, false),
            ("http://kv1.vault.localhost:8080/", VAULT, true),
            ("http://kv1.vault.localhost/", VAULT, false),
            ("http://vault.localhost:8080/", VAULT, false),
            ("https://management.azure.com/", ARM, false),
        ] {
            assert_eq!(judge(url, audience, &cloud).is_ok(), allowed, "{url}");
        }
    }

    #[test]
    fn a_token_for_a_database_goes_to_its_own_hosts_and_ports() {
        let clouds = [Cloud::public(), Cloud::us_government(), Cloud::china()];
        for (host, port, audience, allowed) in [
            ("db.postgres.database.azure.com", 5432, DATABASE, [true, false, false]),
            ("DB.Postgres.database.azure.com", 6432, DATABASE, [true, false, false]),
            ("db.writer.postgres.database.azure.com", 5432, DATABASE, [true, false, false]),
            ("db.reader.postgres.database.azure.com", 6432, DATABASE, [true, false, false]),
            ("db.postgres.database.usgovcloudapi.net", 5432, GOVERNMENT_DATABASE, [false, true, false]),
            ("db.postgres.database.chinacloudapi.cn", 5432, CHINA_DATABASE, [false, false, true]),
            ("db.postgres.database.chinacloudapi.cn", 5432, DATABASE, [false; 3]),
            ("db.postgres.database.azure.com", 443, DATABASE, [false; 3]),
            ("db.postgres.database.azure.com", 5433, DATABASE, [false; 3]),
            ("db.postgres.database.azure.com", 5432, ARM, [false; 3]),
            ("management.azure.com", 5432, ARM, [false; 3]),
            ("management.azure.com", 443, ARM, [false; 3]),
            ("postgres.database.azure.com", 5432, DATABASE, [false; 3]),
            ("x.db.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
            ("db.postgres.database.azure.com.evil.example", 5432, DATABASE, [false; 3]),
            ("evil.example/.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
            ("evil.example,db.postgres.database.azure.com", 5432, DATABASE, [false; 3]),
            ("db.mysql.database.azure.com", 5432, DATABASE, [false; 3]),
            ("/run/postgresql", 5432, DATABASE, [false; 3]),
            ("10.0.0.1", 5432, DATABASE, [false; 3]),
            ("", 5432, DATABASE, [false; 3]),
            ("db.postgres.database.azure.com", 5432, "", [false; 3]),
        ] {
            let judged = |cloud| allow_database(host, port, &Audience::new(audience), cloud).is_ok();
            assert_eq!(clouds.each_ref().map(judged), allowed, "{host}:{port} {audience}");
        }
    }

    #[test]
    fn a_token_for_a_service_of_ones_own_goes_to_its_hosts_over_tls() {
        let cloud = Cloud::public().with_own("api://orders", &["orders.example.com", "*.localhost:8443"]);
        let cloud = cloud.unwrap();
        for (url, audience, allowed) in [
            ("https://orders.example.com/x", "api://orders", true),
            ("https://orders.example.com:443/x", "api://ORDERS/", true),
            ("https://a.localhost:8443/", "api://orders", true),
            ("http://a.localhost:8443/", "api://orders", false),
            ("https://orders.example.com:8443/", "api://orders", false),
            ("https://x.orders.example.com/", "api://orders", false),
            ("https://management.azure.com/", "api://orders", false),
            ("https://orders.example.com/x", "api://other", false),
            ("https://orders.example.com/x", ARM, false),
        ] {
            assert_eq!(judge(url, audience, &cloud).is_ok(), allowed, "{url} {audience}");
        }
    }

    #[test]
    fn what_proves_an_identity_goes_to_the_login_host_alone() {
        let lab = Cloud::new("Lab", "http://management.localhost:1", Audience::new(ARM));
        let [open, lab] = [lab.clone(), lab.logging_in_at("http://login.localhost:1")];
        for (url, cloud, allowed) in [
            ("https://login.microsoftonline.com/t/oauth2/v2.0/token", Cloud::public(), true),
            ("https://LOGIN.microsoftonline.com:443/t/oauth2/v2.0/token", Cloud::public(), true),
            ("https://login.microsoftonline.us/t/oauth2/v2.0/token", Cloud::us_government(), true),
            ("https://login.chinacloudapi.cn/t/oauth2/v2.0/token", Cloud::china(), true),
            ("http://login.localhost:1/t/oauth2/v2.0/token", lab.clone(), true),
            ("https://login.microsoftonline.com/t", Cloud::us_government(), false),
            ("https://login.microsoftonline.com:8443/t", Cloud::public(), false),
            ("http://login.microsoftonline.com/t", Cloud::public(), false),
            ("https://login.microsoftonline.com.evil.example/t", Cloud::public(), false),
            ("https://login.microsoftonline.com@evil.example/t", Cloud::public(), false),
            ("https://login.microsoftonline.com./t", Cloud::public(), false),
            ("https://management.azure.com/t", Cloud::public(), false),
            ("https://evil.example/t", Cloud::public(), false),
            ("http://login.localhost:2/t", lab.clone(), false),
            ("https://login.localhost:1/t", lab, false),
            ("http://login.localhost:1/t", open, false),
        ] {
            assert_eq!(allow_login(url, &cloud).is_ok(), allowed, "{url} {}", cloud.name);
        }
    }
}
