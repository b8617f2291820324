//! The names of tenants and applications, validated as arguments.

use arcbook_engine::step::{ArgumentError, ArgumentType, Text};
use arcbook_engine::value::{TextPart, Type, Value};

use crate::names::partial_argument;
use crate::outline::Outline;

/// A tenant: its id, or one of its domain names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant(pub String);

/// The client id of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(pub String);

impl Tenant {
    const SHAPE: &str = "must be the id of a tenant, or one of its domain names";

    fn parse(text: &str) -> Result<Self, String> {
        let is_good = (1..=253).contains(&text.len())
            && text.bytes().all(Self::is_plain)
            && text.split('.').all(|label| !label.is_empty());
        is_good.then(|| Self(text.to_owned())).ok_or_else(|| Self::SHAPE.to_owned())
    }

    fn is_plain(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || b"-.".contains(&byte)
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        segment(outline, Self::is_plain, Self::SHAPE)
    }
}

impl ClientId {
    const SHAPE: &str = "must be a client id, such as 00000000-0000-0000-0000-000000000000";

    fn parse(text: &str) -> Result<Self, String> {
        let is_good = (1..=64).contains(&text.len()) && text.bytes().all(Self::is_plain);
        is_good.then(|| Self(text.to_owned())).ok_or_else(|| Self::SHAPE.to_owned())
    }

    fn is_plain(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || byte == b'-'
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        segment(outline, Self::is_plain, Self::SHAPE)
    }
}

/// Writes a partly known name that is one segment of a path, if its known parts are good.
fn segment(outline: &Outline<'_>, is_good: fn(u8) -> bool, shape: &str) -> Result<Option<Text>, String> {
    if outline.known().all(|known| known.bytes().all(is_good)) {
        Ok(Some(outline.write(outline.text(), str::to_owned)))
    } else {
        Err(shape.to_owned())
    }
}

partial_argument!(Tenant, ClientId);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_one_segment_of_a_path() {
        for text in ["10000000-0000-0000-0000-000000000001", "contoso.onmicrosoft.com", "common"] {
            assert!(Tenant::parse(text).is_ok(), "{text}");
        }
        for text in ["", ".", "..", "a/b", "a b", "a?b", "a#b", "a@evil.example", "a\\b", "ü", ".a", "a..b"]
        {
            assert!(Tenant::parse(text).is_err(), "{text}");
            assert!(ClientId::parse(text).is_err(), "{text}");
        }
    }
}
