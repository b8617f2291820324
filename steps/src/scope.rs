//! The scope of a list: a subscription or a resource group.

use arcbook_engine::step::{ArgumentError, ArgumentType, Form, Text};
use arcbook_engine::value::{TextPart, Type, Value};

use crate::arm::ResourcePath;
use crate::names::partial_argument;
use crate::outline::{GAP, Outline};
use crate::percent;

/// A subscription or a resource group: its percent-encoded path without the leading slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope(pub(crate) String);

impl Scope {
    fn parse(text: &str) -> Result<Self, String> {
        let id = ResourcePath::parse(text)?;
        let segments: Vec<&str> = id.segments().collect();
        Ok(Self(percent::path(&Self::scope(&segments)?.join("/"))))
    }

    /// Returns the segments of the subscription or resource group that the id of these segments is in.
    fn scope<'a, 's>(segments: &'a [&'s str]) -> Result<&'a [&'s str], String> {
        let is = |at: usize, name: &str| {
            segments.get(at).is_some_and(|own| own.contains(GAP) || own.eq_ignore_ascii_case(name))
        };
        let length = match segments.len() {
            2 => 2,
            4.. if is(2, "resourceGroups") => 4,
            _ => 0,
        };
        if length == 0 || !is(0, "subscriptions") {
            return Err(
                "must be the id of a subscription, of a resource group, or of a resource in one".to_owned()
            );
        }
        Ok(&segments[..length])
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        let path = ResourcePath::parse_outline(outline)?;
        let text = outline.text().trim_end_matches('/');
        if !outline.has_no_path() || text.starts_with(GAP) {
            // The unknown id decides the number of segments that are left out.
            return Ok(path.map(|_| Text::new().then_unknown(outline.origins(), Form::Path)));
        }
        let segments: Vec<&str> = text.split('/').skip(1).collect();
        Ok(Some(outline.write(&Self::scope(&segments)?.join("/"), percent::path)))
    }
}

partial_argument!(Scope);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_a_subscription_or_a_resource_group() {
        for (text, expected) in [
            ("/subscriptions/s", "subscriptions/s"),
            ("/subscriptions/s/", "subscriptions/s"),
            ("/subscriptions/s/resourcegroups/g", "subscriptions/s/resourcegroups/g"),
            ("/subscriptions/s/resourceGroups/g/providers/A.B/c/d", "subscriptions/s/resourceGroups/g"),
            ("/subscriptions/s/resourceGroups/g/providers/A.B/c/80% #1?", "subscriptions/s/resourceGroups/g"),
            ("/subscriptions/s/resourceGroups/(g) ü%", "subscriptions/s/resourceGroups/(g)%20%C3%BC%25"),
        ] {
            assert_eq!(Scope::parse(text).unwrap().0, expected, "{text}");
        }
        for text in [
            "",
            "s",
            "/subscriptions",
            "/tenants/t",
            "/subscriptions/s/resourceGroups",
            "/subscriptions/s/x/y",
        ] {
            assert!(Scope::parse(text).is_err(), "{text}");
        }
    }
}
