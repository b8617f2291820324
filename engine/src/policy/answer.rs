//! Reads the answers of policies.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Span;

/// A message of a policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PolicyMessage {
    /// The package of the policy, such as `data.arcbook`.
    pub package: String,
    /// The text.
    pub message: String,
    /// The address of the step or other object, if the policy names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// The answers of policies, in the order of their packages and texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The reasons why the run is refused.
    pub deny: Vec<PolicyMessage>,
    /// The warnings.
    pub warn: Vec<PolicyMessage>,
    /// The place of each package, for messages that name nothing in the runbook; none where nobody loaded the files.
    #[serde(skip)]
    pub places: BTreeMap<String, Span>,
}

impl Answers {
    /// Returns the answers as errors and warnings.
    #[must_use]
    pub fn diagnostics(&self) -> Diagnostics {
        let told = |found: Diagnostic, message: &PolicyMessage| {
            let mut found = found.detail(format!("The policy is in the package {}.", message.package));
            found.address.clone_from(&message.address);
            found
        };
        let deny = self.deny.iter().map(|message| {
            let summary = format!("a policy denies the run: {}", message.message);
            let help = "change the runbook, or ask those who keep the policy";
            told(Diagnostic::error("policy-denies", summary), message).help(help)
        });
        let warn = self.warn.iter().map(|message| {
            told(Diagnostic::warning("policy-warns", format!("a policy warns: {}", message.message)), message)
        });
        deny.chain(warn).collect()
    }
}

/// Reads the value of a rule: texts, or objects with `msg` and perhaps `address`, in a set or a list.
///
/// The error is a phrase about the form.
pub(super) fn messages(package: &str, rule: &str, value: &Json) -> Result<Vec<PolicyMessage>, String> {
    let message = |text: &str, address: Option<&str>| PolicyMessage {
        package: package.to_owned(),
        message: text.to_owned(),
        address: address.map(str::to_owned),
    };
    let wrong = || format!("`{rule}` must be a set of texts, or of objects with `msg`");
    let one = |element: &Json| match element {
        Json::String(text) => Ok(message(text, None)),
        Json::Object(members) => match members.get("msg") {
            Some(Json::String(text)) => Ok(message(text, members.get("address").and_then(Json::as_str))),
            _ => Err(wrong()),
        },
        _ => Err(wrong()),
    };
    match value {
        Json::Null | Json::Bool(false) => Ok(Vec::new()),
        Json::Bool(true) => Ok(vec![message("it gives no reason", None)]),
        Json::Array(elements) => elements.iter().map(one).collect(),
        Json::Object(members) if members.is_empty() => Ok(Vec::new()),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_message_is_a_text_or_an_object() {
        let read = |value: Json| {
            let found = messages("data.p", "deny", &value);
            found.map(|all| all.into_iter().map(|one| (one.message, one.address)).collect::<Vec<_>>())
        };
        let text = |text: &str| (text.to_owned(), None);
        for (value, expected) in [
            (json!([]), vec![]),
            (json!(null), vec![]),
            (json!(false), vec![]),
            (json!(["a", "b"]), vec![text("a"), text("b")]),
            (
                json!([{ "msg": "a", "address": "step.x.y" }]),
                vec![("a".to_owned(), Some("step.x.y".to_owned()))],
            ),
            (json!(true), vec![text("it gives no reason")]),
        ] {
            assert_eq!(read(value.clone()), Ok(expected), "{value}");
        }
        for value in [json!("a"), json!([1]), json!([{ "message": "a" }]), json!({ "a": true })] {
            assert!(read(value.clone()).is_err(), "{value}");
        }
    }
}
