//! What steps gave in a run, as its record has it.

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::diagnostic::Diagnostics;
use crate::expression::Scope;
use crate::redact::{REPLACEMENT, Secrets, redact_json};
use crate::runbook::Step;
use crate::step::{Change, Outcome, Response};
use crate::value::{Entries, JsonError, Marks, Origins, Type, Value, convert};

use super::shown::HIDDEN;
use super::{Marking, PlannedStep, given, hidden, shown};

/// What an instance of a step gave in a run.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it was asked with then, as [`fingerprint`] writes it; none in the record of a run that did not write it.
    pub fingerprint: Option<String>,
    /// What it gave, as it is shown.
    pub outputs: Json,
}

impl Recorded {
    /// Why what was given then is not what would be given now, when it is not.
    pub(super) fn missing(&self, step: &Step, planned: &PlannedStep, secrets: &Secrets) -> Option<String> {
        let why = match &self.fingerprint {
            None => "the record does not tell its arguments",
            Some(then) if *then != fingerprint(step, arguments(planned), secrets) => {
                "its arguments are not what they were then"
            }
            Some(_) => return None,
        };
        Some(why.to_owned())
    }

    /// The object that was given. What is not in the record is unknown, and sensitive; what is extracted is extracted
    /// anew.
    pub(super) fn object(
        &self,
        scope: &dyn Scope,
        step: &Step,
        planned: &PlannedStep,
    ) -> Result<Value, Diagnostics> {
        let address = planned.address.as_str();
        let later = Origins::of(address);
        let value = |name: &str, ty: &Type| {
            let value = self.outputs.get(name).and_then(|json| recorded(json, address, &later).ok());
            let value = value.and_then(|value| convert(&value, ty).ok());
            value.unwrap_or_else(|| Value::unknown(ty.clone(), later.clone()))
        };
        let schema = step.step_type.schema();
        let outputs: Entries =
            schema.outputs.iter().map(|field| (field.name.into(), value(field.name, &field.ty))).collect();
        let body = (schema.response != Response::None).then(|| value("body", &Type::Any));
        let inherited = planned.marks();
        let marking = Marking { step, address, arguments: &inherited };
        given::object(scope, marking, Outcome { outputs, body, change: Change::None }, |_| {})
    }
}

fn arguments(planned: &PlannedStep) -> impl Iterator<Item = (&str, &Value)> {
    planned.arguments.iter().map(|(name, value)| (name.as_str(), value))
}

/// A value as it was recorded: what the record leaves out is unknown until `later`, and marked because of `origin`.
///
/// Lists, sets and maps are tuples and objects, for the record does not tell them apart.
pub fn recorded(json: &Json, origin: &str, later: &Origins) -> Result<Value, JsonError> {
    let left_out = |marks: &Marks| Value::unknown(Type::Any, later.clone()).with_marks(marks);
    Ok(match json {
        Json::String(text) => match hidden(text, origin) {
            Some(marks) => left_out(&marks),
            // Something was blotted out of it, so it is not what it was.
            None if text.contains(REPLACEMENT) => left_out(&Marks::sensitive(origin)),
            None => Value::from(text.as_str()),
        },
        Json::Array(elements) => {
            let elements = elements.iter().map(|element| recorded(element, origin, later));
            Value::tuple(elements.collect::<Result<Vec<_>, _>>()?)
        }
        Json::Object(members) => {
            let member =
                |(name, member): (&String, &Json)| Ok((name.clone(), recorded(member, origin, later)?));
            Value::object(members.iter().map(member).collect::<Result<Vec<_>, JsonError>>()?)
        }
        plain => Value::from_json(plain)?,
    })
}

/// The SHA-256, in hexadecimal, of what an instance of `step` is asked with: its type and its arguments, as they are
/// shown without anything sensitive and any of the `secrets`.
#[must_use]
pub fn fingerprint<'a>(
    step: &Step,
    arguments: impl Iterator<Item = (&'a str, &'a Value)>,
    secrets: &Secrets,
) -> String {
    let arguments: serde_json::Map<_, _> =
        arguments.map(|(name, value)| (name.to_owned(), shown(value))).collect();
    let mut arguments = redact_json(secrets, arguments.into());
    blot(&mut arguments);
    // As text its members are in the order of their names, whoever gave them.
    arguments.sort_all_objects();
    format!("{:x}", Sha256::digest(format!("{}\0{arguments}", step.type_name.value)))
}

/// Writes all texts that something was blotted out of alike: they are no longer told apart when they are read again.
fn blot(json: &mut Json) {
    match json {
        Json::String(text) if text.contains(REPLACEMENT) => HIDDEN.clone_into(text),
        Json::Array(elements) => elements.iter_mut().for_each(blot),
        Json::Object(members) => members.values_mut().for_each(blot),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_left_out_of_a_record_is_unknown_and_sensitive() {
        let json = json!({
            "whole": [1, "text", null],
            "secret": "(sensitive value)",
            "gone": "(ephemeral value)",
            "blotted": "https://(sensitive)/x",
        });
        let value = recorded(&json, "step.a.b", &Origins::of("step.a.b")).expect("a value");
        assert_eq!(
            shown(&value),
            json!({
                "whole": [1, "text", null],
                "secret": "(sensitive value)",
                "gone": "(ephemeral value)",
                "blotted": "(sensitive value)",
            })
        );
        let unknown: Vec<bool> = value.children().map(Value::is_unknown).collect();
        assert_eq!(unknown, [true, true, true, false], "in the order of the names");
    }

    #[test]
    fn what_was_blotted_out_is_like_what_was_left_out() {
        let mut json = json!({ "a": ["it is (sensitive)", "(sensitive value)"], "b": "plain" });
        blot(&mut json);
        assert_eq!(json, json!({ "a": ["(sensitive value)", "(sensitive value)"], "b": "plain" }));
    }
}
