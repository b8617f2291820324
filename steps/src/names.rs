//! The names of Azure's resources, validated as arguments rather than by the service.

use arcbook_engine::step::{ArgumentError, ArgumentType};
use arcbook_engine::value::{Type, Value};
use url::{Host, Url};

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
        good.then(|| Self::Name(text.to_owned())).ok_or_else(|| {
            "must be the URI of a vault, or its name: 3 to 24 letters, digits and single hyphens, a letter first and \
             no hyphen last"
                .to_owned()
        })
    }
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
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        ((3..=24).contains(&text.len()) && plain).then(|| Self::Name(text.to_owned())).ok_or_else(|| {
            "must be the endpoint of an account's blobs, or its name: 3 to 24 lower-case letters and digits"
                .to_owned()
        })
    }
}

impl Container {
    fn parse(text: &str) -> Result<Self, String> {
        let hyphens = !text.contains("--") && !text.starts_with('-') && !text.ends_with('-');
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let own = (3..=63).contains(&text.len()) && hyphens && lower && is_plain(text);
        (own || ["$root", "$web"].contains(&text)).then(|| Self(text.to_owned())).ok_or_else(|| {
            "must be 3 to 63 lower-case letters, digits and single hyphens between them".to_owned()
        })
    }
}

impl BlobName {
    fn parse(text: &str) -> Result<Self, String> {
        if !(1..=1024).contains(&text.chars().count()) {
            return Err("must be 1 to 1024 characters long".to_owned());
        }
        if text.ends_with(['.', '/']) {
            return Err("must not end in a dot or a slash".to_owned());
        }
        if text.chars().any(char::is_control) {
            return Err("must not contain control characters".to_owned());
        }
        let odd = |segment: &str| segment.is_empty() || segment == "." || segment == "..";
        if text.split(['/', '\\']).any(odd) {
            return Err("must not contain empty, `.` or `..` segments".to_owned());
        }
        Ok(Self(text.to_owned()))
    }
}

impl SecretName {
    fn parse(text: &str) -> Result<Self, String> {
        ((1..=127).contains(&text.len()) && is_plain(text))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be 1 to 127 letters, digits and hyphens".to_owned())
    }
}

impl SecretVersion {
    fn parse(text: &str) -> Result<Self, String> {
        ((1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric()))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be a version of a secret, such as 32 hexadecimal digits".to_owned())
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
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

pub(crate) use argument;

argument!(Vault, Account, Container, BlobName, SecretName, SecretVersion);

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
