//! The names of Azure's resources, validated as arguments rather than by the service.

use arcbook_engine::step::{ArgumentError, ArgumentType, Form, Text};
use arcbook_engine::value::{TextPart, Type, Value};
use url::{Host, Url};

use crate::outline::{GAP, Outline};
use crate::percent::segments;

/// A key vault: its name, or its URI, which ARM returns as `vaultUri`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Vault {
    /// The name, 3 to 24 characters.
    Name(String),
    /// The URI, without a trailing slash.
    Uri(String),
}

/// A storage account: its name, or its blob endpoint, which ARM returns as `primaryEndpoints.blob`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Account {
    /// The name, 3 to 24 characters.
    Name(String),
    /// The endpoint, without a trailing slash.
    Endpoint(String),
}

/// The name of a blob container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Container(pub String);

/// The name of a blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlobName(pub String);

/// The name of a secret in a vault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretName(pub String);

/// The version of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretVersion(pub String);

/// The name of a resource under another one, such as an extension, or of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceName(pub String);

impl Vault {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return origin(text, "a URI like https://NAME.vault.azure.net").map(Self::Uri);
        }
        let hyphens = !text.contains("--") && !text.ends_with('-');
        let good = (3..=24).contains(&text.len())
            && text.starts_with(|first: char| first.is_ascii_alphabetic())
            && hyphens
            && is_plain(text);
        good.then(|| Self::Name(text.to_owned())).ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be the URI of a vault, or its name: 3 to 24 letters, digits and single hyphens, a letter \
                         first and no hyphen last";

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        service(outline, is_plain, Self::SHAPE)
    }
}

/// Writes a partly known vault or account: its host with the scheme, or its name, whose known parts are `good`.
fn service(outline: &Outline<'_>, good: impl Fn(&str) -> bool, shape: &str) -> Result<Option<Text>, String> {
    let text = outline.text();
    if let Some(host) = text.strip_prefix("https://") {
        let host = host.strip_suffix('/').unwrap_or(host);
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c) || c == GAP;
        return Ok(host
            .chars()
            .all(is_plain)
            .then(|| Text::from("https://").then_text(&outline.write(host, str::to_ascii_lowercase))));
    }
    if outline.known().all(good) {
        return Ok((!outline.is_unknown()).then(|| outline.write(text, str::to_owned)));
    }
    // Only an unknown start, or a colon, leaves room for the scheme of a URI.
    if text.starts_with(GAP) || text.contains(':') { Ok(None) } else { Err(shape.to_owned()) }
}

/// Parses the origin that a token is sent to; errors describe it as a URI `like` one.
fn origin(text: &str, like: &str) -> Result<String, String> {
    let shape = || format!("must be {like}, without path, query or user");
    let url = Url::parse(text).map_err(|error| format!("must be {like}: {error}"))?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err("must be an https URI: a token is sent to it".to_owned());
    }
    let bare = url.username().is_empty() && url.password().is_none() && url.path() == "/";
    if !bare || url.query().is_some() || url.fragment().is_some() || text.contains(['\\', '@']) {
        return Err(shape());
    }
    Ok(url.origin().ascii_serialization())
}

/// Returns whether `url` names this machine unambiguously.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => is_loopback_name(name),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Returns whether a name is loopback by RFC 6761: `localhost` or a subdomain of it.
pub(crate) fn is_loopback_name(name: &str) -> bool {
    name == "localhost" || name.ends_with(".localhost")
}

impl Account {
    fn parse(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            return origin(text, "an endpoint like https://NAME.blob.core.windows.net").map(Self::Endpoint);
        }
        ((3..=24).contains(&text.len()) && Self::is_plain(text))
            .then(|| Self::Name(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str =
        "must be the endpoint of an account's blobs, or its name: 3 to 24 lower-case letters and digits";

    fn is_plain(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        service(outline, Self::is_plain, Self::SHAPE)
    }
}

impl Container {
    fn parse(text: &str) -> Result<Self, String> {
        let own = (3..=63).contains(&text.len()) && Self::has_single_hyphens(text) && Self::is_lower(text);
        (own || ["$root", "$web"].contains(&text))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be 3 to 63 lower-case letters, digits and single hyphens between them";

    fn has_single_hyphens(text: &str) -> bool {
        !text.contains("--") && !text.starts_with('-') && !text.ends_with('-')
    }

    fn is_lower(text: &str) -> bool {
        is_plain(text) && !text.bytes().any(|byte| byte.is_ascii_uppercase())
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        let is_special = outline.text().starts_with('$');
        let is_good = outline.known().all(Self::is_lower) && Self::has_single_hyphens(outline.text());
        segment(outline, is_special || is_good, Self::SHAPE)
    }
}

/// Writes a partly known name that is one segment of a path, if its known parts are good.
fn segment(outline: &Outline<'_>, is_good: bool, shape: &str) -> Result<Option<Text>, String> {
    if is_good { Ok(Some(outline.write(outline.text(), str::to_owned))) } else { Err(shape.to_owned()) }
}

impl Vault {
    /// Returns the name or the URI.
    pub(crate) fn text(&self) -> String {
        let (Self::Name(text) | Self::Uri(text)) = self;
        text.clone()
    }
}

impl Account {
    /// Returns the name or the endpoint.
    pub(crate) fn text(&self) -> String {
        let (Self::Name(text) | Self::Endpoint(text)) = self;
        text.clone()
    }
}

impl BlobName {
    fn parse(text: &str) -> Result<Self, String> {
        if !(1..=1024).contains(&text.chars().count()) {
            return Err("must be 1 to 1024 characters long".to_owned());
        }
        if text.contains(GAP) {
            return Err("must not contain control characters".to_owned());
        }
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Checks a name in which [`GAP`] stands for an unknown part.
    fn check(text: &str) -> Result<(), String> {
        if text.ends_with(['.', '/']) {
            return Err("must not end in a dot or a slash".to_owned());
        }
        if text.chars().any(|c| c.is_control() && c != GAP) {
            return Err("must not contain control characters".to_owned());
        }
        let odd = |segment: &str| segment.is_empty() || segment == "." || segment == "..";
        if text.split(['/', '\\']).any(odd) {
            return Err("must not contain empty, `.` or `..` segments".to_owned());
        }
        Ok(())
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        let text = outline.text();
        Self::check(text)?;
        // A slash is a character of the name like any other.
        Ok(Some(outline.write_as(text, segments, |_, _| Form::Path)))
    }
}

impl SecretName {
    fn parse(text: &str) -> Result<Self, String> {
        ((1..=127).contains(&text.len()) && is_plain(text))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be 1 to 127 letters, digits and hyphens";

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        segment(outline, outline.known().all(is_plain), Self::SHAPE)
    }
}

impl SecretVersion {
    fn parse(text: &str) -> Result<Self, String> {
        ((1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str = "must be a version of a secret, such as 32 hexadecimal digits";

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        let is_alphanumeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        segment(outline, outline.known().all(is_alphanumeric), Self::SHAPE)
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl ResourceName {
    fn parse(text: &str) -> Result<Self, String> {
        ((1..=64).contains(&text.len()) && Self::is_good(text) && !text.ends_with('.'))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| Self::SHAPE.to_owned())
    }

    const SHAPE: &str =
        "must be 1 to 64 letters, digits, hyphens, underscores, points or parentheses, and no point last";

    fn is_good(text: &str) -> bool {
        text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.()".contains(&byte))
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        if !outline.known().all(Self::is_good) {
            return Err(Self::SHAPE.to_owned());
        }
        Ok(Some(outline.write(outline.text(), str::to_owned)))
    }
}

/// Implements `ArgumentType` for a validated name, parsed from text.
macro_rules! argument {
    ($($name:ident),*) => {$(
        impl ArgumentType for $name {
            fn ty() -> Type {
                Type::String
            }

            fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
                Self::parse(&String::from_value(value)?).map_err(|message| ArgumentError::value(message).into())
            }
        }
    )*};
}

/// Implements `ArgumentType` for a validated name that keeps its known parts.
macro_rules! partial_argument {
    ($($name:ident),*) => {$(
        impl ArgumentType for $name {
            fn ty() -> Type {
                Type::String
            }

            fn from_value(value: &Value) -> Result<Self, Vec<ArgumentError>> {
                Self::parse(&String::from_value(value)?).map_err(|message| ArgumentError::value(message).into())
            }

            fn from_parts(parts: &[TextPart]) -> Result<Option<Text>, String> {
                Self::parse_outline(&Outline::of(parts))
            }
        }
    )*};
}

pub(crate) use {argument, partial_argument};

partial_argument!(Vault, Account, Container, BlobName, ResourceName, SecretName, SecretVersion);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vault_is_a_name_or_a_uri() {
        for (text, expected) in [
            ("arcmi-00", Vault::Name("arcmi-00".to_owned())),
            ("https://KV1.vault.azure.net/", Vault::Uri("https://kv1.vault.azure.net".to_owned())),
            ("https://kv1.vault.azure.net:443", Vault::Uri("https://kv1.vault.azure.net".to_owned())),
            ("http://kv1.vault.localhost:8080", Vault::Uri("http://kv1.vault.localhost:8080".to_owned())),
        ] {
            assert_eq!(Vault::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "",
            "kv",
            "1kv",
            "a--b",
            "kv-",
            "a.b",
            "kv/../x",
            "http://kv1.vault.azure.net",
            "ftp://kv1.vault.azure.net",
            "https://kv1.vault.azure.net/secrets",
            "https://kv1.vault.azure.net?x",
            "https://kv1.vault.azure.net#x",
            "https://user@kv1.vault.azure.net",
            "https://kv1.vault.azure.net@evil.example",
            "https:\\\\kv1.vault.azure.net",
            "https://",
        ] {
            assert!(Vault::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_is_a_name_or_an_endpoint() {
        let endpoint = |text: &str| Account::Endpoint(text.to_owned());
        for (text, expected) in [
            ("arcmi00", Account::Name("arcmi00".to_owned())),
            ("https://ACC.blob.core.windows.net/", endpoint("https://acc.blob.core.windows.net")),
            ("https://acc.z5.blob.storage.azure.net:443/", endpoint("https://acc.z5.blob.storage.azure.net")),
            ("http://acc.blob.localhost:8080", endpoint("http://acc.blob.localhost:8080")),
        ] {
            assert_eq!(Account::parse(text), Ok(expected), "{text}");
        }
        for text in [
            "http://acc.blob.core.windows.net",
            "https://acc.blob.core.windows.net/uploads",
            "https://acc.blob.core.windows.net?sv=1",
            "https://acc.blob.core.windows.net#x",
            "https://acc@evil.example",
            "https://acc.blob.core.windows.net@evil.example",
            "https:\\\\acc.blob.core.windows.net",
            "acc.blob.core.windows.net",
        ] {
            assert!(Account::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn names_follow_each_service() {
        type Rule = fn(&str) -> bool;
        let long = "a".repeat(1025);
        let table: [(Rule, &[&str], &[&str]); 5] = [
            (|text| Account::parse(text).is_ok(), &["arcmi00"], &["Arcmi", "a-b-c", "ab", "a.b.c"]),
            (
                |text| Container::parse(text).is_ok(),
                &["up-loads", "$web"],
                &["-up", "u--p", "Up1", "$x", "ab"],
            ),
            (
                |text| BlobName::parse(text).is_ok(),
                &["hosts.txt", "a/b c.txt", "..a", "ü"],
                &["", "a/", "a.", "../a", "a/./b", "a//b", "/a", "a\\..\\b", "a\nb", &long],
            ),
            (|text| SecretName::parse(text).is_ok(), &["psql-cmd"], &["a_b", "", "a.b", "a/b"]),
            (|text| SecretVersion::parse(text).is_ok(), &["0123456789abcdef"], &["", "a-b", "a/b"]),
        ];
        for (rule, good, bad) in table {
            assert!(good.iter().all(|name| rule(name)), "{good:?}");
            for name in bad {
                assert!(!rule(name), "{name}");
            }
        }
    }
}
