//! The host argument of `endpoint`.

use arcbook_engine::step::{ArgumentError, ArgumentType, Choice, Text};
use arcbook_engine::value::{TextPart, Type, Value};
use url::Url;

use crate::names::is_loopback;
use crate::outline::{GAP, Outline};

/// The origin of a host: a scheme, a name or an address, and a port unless it is the usual one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointHost(pub String);

impl EndpointHost {
    const SHAPE: &str = "must be the name of a host, such as login.microsoftonline.com, or an https URL";

    /// Parses the name of a host, an address, or a URL, whose path does not matter.
    fn parse(text: &str) -> Result<Self, String> {
        let shape = || Self::SHAPE.to_owned();
        let is_url = text.contains("://");
        if !is_url && text.contains(':') && !text.starts_with('[') {
            return Err("must have no port without `https://`: use `port`".to_owned());
        }
        let url = if is_url { text.to_owned() } else { format!("https://{text}/") };
        let url = Url::parse(&url).map_err(|_| shape())?;
        let is_plain = url.username().is_empty() && url.password().is_none() && !text.contains(['\\', '@']);
        let is_bare = is_url || (url.path() == "/" && url.query().is_none() && url.fragment().is_none());
        let host = url.host_str().unwrap_or_default();
        if !is_plain || !is_bare || host.is_empty() || host.starts_with('.') || host.ends_with('.') {
            return Err(shape());
        }
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(&url) => {}
            "http" => return Err("must be an https URL: `http` is for this machine alone".to_owned()),
            _ => return Err(shape()),
        }
        Ok(Self(url.origin().ascii_serialization()))
    }

    /// Returns true if it names a port.
    pub fn has_port(&self) -> bool {
        Url::parse(&self.0).is_ok_and(|url| url.port().is_some())
    }
}

impl ArgumentType for EndpointHost {
    fn ty() -> Type {
        Type::String
    }

    fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
        Self::parse(&String::from_value(value)?).map_err(|message| ArgumentError::value(message).into())
    }

    fn from_parts(parts: &[TextPart]) -> Result<Option<Text>, String> {
        let outline = Outline::of(parts);
        let text = outline.text();
        let host = text.strip_prefix("https://").unwrap_or(text);
        let host = host.split_once('/').map_or(host, |(host, _)| host);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._:".contains(c) || c == GAP;
        if host.len() == GAP.len_utf8() || !host.contains(GAP) {
            return Ok(None);
        }
        if !host.chars().all(is_plain) {
            return Err(Self::SHAPE.to_owned());
        }
        Ok(Some(Text::from("https://").then_text(&outline.write(host, str::to_ascii_lowercase))))
    }
}

/// A host that each cloud has one of.
#[derive(Choice, Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloudHost {
    /// Microsoft Entra, which issues the tokens of applications.
    Login,
    /// Azure Resource Manager.
    ResourceManager,
    /// Microsoft Graph.
    Graph,
}

#[cfg(test)]
mod tests {
    use arcbook_engine::step::Syntax;
    use arcbook_engine::value::{Origins, TextKind};

    use super::*;

    #[test]
    fn a_host_is_a_name_an_address_or_a_url() {
        for (text, expected) in [
            ("Login.MicrosoftOnline.com", Ok("https://login.microsoftonline.com")),
            ("https://login.microsoftonline.com/common/?x", Ok("https://login.microsoftonline.com")),
            ("https://a.test:8443", Ok("https://a.test:8443")),
            ("10.0.0.4", Ok("https://10.0.0.4")),
            ("[::1]", Ok("https://[::1]")),
            ("http://localhost:8080/", Ok("http://localhost:8080")),
            ("a.test:443", Err("use `port`")),
            ("http://a.test/", Err("for this machine alone")),
            ("ftp://a.test", Err("name of a host")),
            ("https://user:hunter2@a.test", Err("name of a host")),
            ("a.test/path", Err("name of a host")),
            ("a b", Err("name of a host")),
            ("", Err("name of a host")),
            ("a.test.", Err("name of a host")),
            ("a.test\\b", Err("name of a host")),
        ] {
            match (EndpointHost::parse(text), expected) {
                (Ok(EndpointHost(origin)), Ok(expected)) => assert_eq!(origin, expected, "{text}"),
                (Err(message), Err(expected)) => assert!(message.contains(expected), "{text}: {message}"),
                (parsed, _) => panic!("{text}: {parsed:?}"),
            }
        }
    }

    #[test]
    fn a_host_that_is_partly_known_stays_within_its_domain() {
        let parts = |before: &str, after: &str| {
            let known = |text: &str| TextPart::Known(text.into());
            vec![known(before), TextPart::Unknown(Origins::of("step.a.b"), TextKind::Plain), known(after)]
        };
        for before in ["", "https://"] {
            let host = EndpointHost::from_parts(&parts(before, ".vault.azure.net")).unwrap().unwrap();
            assert_eq!(host.to_string(), "https://(known after step.a.b).vault.azure.net");
            assert!(host.admits("https://kv1.vault.azure.net", Syntax::Url));
            assert!(!host.admits("https://evil.test/.vault.azure.net", Syntax::Url));
        }
        assert_eq!(EndpointHost::from_parts(&parts("https://", "/")).unwrap(), None);
        assert!(EndpointHost::from_parts(&parts("a b", "")).is_err());
    }
}
