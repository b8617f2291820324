//! A subscription, its resource groups, and the resource providers that it is registered for.

use arcbook_engine::step::{ArgumentError, ArgumentType, Text};
use arcbook_engine::value::{TextPart, Type, Value};
use uuid::Uuid;

use crate::names::{argument, partial_argument};
use crate::outline::Outline;
use crate::percent::component;

/// The id of a subscription: a GUID, which may be in a resource id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SubscriptionId(Uuid);

impl SubscriptionId {
    fn parse(text: &str) -> Result<Self, String> {
        let id = text.strip_prefix("/subscriptions/").unwrap_or(text);
        let id = (id.len() == 36).then(|| id.parse().ok()).flatten();
        id.map(Self)
            .ok_or_else(|| "must be the id of a subscription: 8-4-4-4-12 hexadecimal digits".to_owned())
    }

    pub(crate) fn text(&self) -> String {
        self.0.to_string()
    }
}

/// The namespace of a resource provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Namespace(pub(crate) String);

impl Namespace {
    fn parse(text: &str) -> Result<Self, String> {
        let good = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (text.contains('.') && text.split('.').all(good))
            .then(|| Self(text.to_owned()))
            .ok_or_else(|| "must be the namespace of a provider like Microsoft.HybridCompute".to_owned())
    }
}

/// The name of a resource group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupName(pub(crate) String);

impl GroupName {
    const SHAPE: &str =
        "must be the name of a resource group: 1 to 90 letters, digits and - _ . ( ), no period last";

    fn is_good(text: &str) -> bool {
        text.chars().all(|c| c.is_alphanumeric() || "-_.()".contains(c))
    }

    fn parse(text: &str) -> Result<Self, String> {
        let good = (1..=90).contains(&text.chars().count()) && Self::is_good(text) && !text.ends_with('.');
        good.then(|| Self(text.to_owned())).ok_or_else(|| Self::SHAPE.to_owned())
    }

    fn parse_outline(outline: &Outline<'_>) -> Result<Option<Text>, String> {
        if !outline.known().all(Self::is_good) {
            return Err(Self::SHAPE.to_owned());
        }
        Ok(Some(outline.write(outline.text(), component)))
    }
}

argument!(SubscriptionId, Namespace);
partial_argument!(GroupName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_an_id() {
        for text in
            ["00000000-0000-0000-0000-000000000000", "/subscriptions/00000000-0000-0000-0000-000000000000"]
        {
            assert_eq!(SubscriptionId::parse(text).unwrap().text(), "00000000-0000-0000-0000-000000000000");
        }
        for text in ["", "s", "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/g"] {
            assert!(SubscriptionId::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_namespace_has_two_parts() {
        assert!(Namespace::parse("Microsoft.HybridCompute").is_ok());
        for text in ["", "Microsoft", "Microsoft.", "Microsoft.Hybrid/Compute", "a.b c"] {
            assert!(Namespace::parse(text).is_err(), "{text}");
        }
    }
}
