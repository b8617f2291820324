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
    /// The response would be a token, which no page and no record would know as one.
    #[error("{0} issues tokens")]
    Issuer(String),
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
    if cloud.logs_in_at(&url) {
        return Err(Refusal::Issuer(url.host_str().unwrap_or_default().to_owned()));
    }
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
    if cloud.logs_in_at(&url) {
        return Ok(url);
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    Err(Refusal::NotLogin { login: cloud.login().unwrap_or_default().to_owned(), host })
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

/// Returns the parsed URL of a host that may be probed: its root, over TLS or on this machine. Nothing there issues tokens.
pub(crate) fn allow_probe(text: &str) -> Result<Url, Refusal> {
    let url = plain(text, false)?;
    let is_root = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if is_root { Ok(url) } else { Err(Refusal::Authority) }
}

/// The paths at which the Arc agent, the metadata service of a virtual machine and App Service issue tokens.
const TOKENS: [&str; 2] = ["metadata/identity", "msi/token"];

/// Returns true if the path of a URL is one at which tokens are issued, however it is spelled.
fn issues_tokens(url: &Url) -> bool {
    let path = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy().to_ascii_lowercase();
    let segments: Vec<&str> = path.split(['/', '\\']).filter(|segment| !segment.is_empty()).collect();
    let path = segments.join("/");
    TOKENS.iter().any(|tokens| path == *tokens || path.starts_with(&format!("{tokens}/")))
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
    if issues_tokens(&url) {
        return Err(Refusal::Issuer(format!("{host}{}", url.path())));
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if in_the_clear || is_loopback(&url) => Ok(url),
        _ => Err(Refusal::InTheClear(host.to_owned())),
    }
}

#[cfg(test)]
mod tests;
