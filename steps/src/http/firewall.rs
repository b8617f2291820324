//! Decides which requests may leave this machine, and which token each may carry.
//!
//! It checks the very URL that is sent, parsed once by the HTTP client's own parser, so that no second parse
//! can yield another host.

use arcbook_engine::step::Audience;
use url::Url;

use crate::cloud::Cloud;
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
    let url = plain(text)?;
    let Some(audience) = audience else { return Ok(url) };
    let Some(service) = cloud.service_for(audience) else {
        return Err(Refusal::UnknownAudience { audience: audience.clone(), cloud: cloud.name.clone() });
    };
    if cloud.service(&url) == Some(service) {
        return Ok(url);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    Err(Refusal::ForeignHost { audience: audience.clone(), hosts: cloud.hosts(service), host })
}

/// Parses an unambiguous URL that uses TLS or stays on this machine.
fn plain(text: &str) -> Result<Url, Refusal> {
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
        "http" if is_loopback(&url) => Ok(url),
        _ => Err(Refusal::InTheClear(host.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: &str = "https://management.azure.com";
    const VAULT: &str = "https://vault.azure.net";
    const STORAGE: &str = "https://storage.azure.com";

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
            ("https://graph.microsoft.com/", "https://graph.microsoft.com"),
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
        let mut cloud = Cloud::public();
        cloud.arm = "http://management.localhost:8080".to_owned();
        cloud.vault_suffix = "vault.localhost:8080".to_owned();
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
}
