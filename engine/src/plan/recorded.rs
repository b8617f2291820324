//! Restores results of steps from the journal of a run.

use serde_json::Value as Json;

use crate::diagnostic::Diagnostics;
use crate::expression::Scope;
use crate::redact::REPLACEMENT;
use crate::runbook::Step;
use crate::step::{Change, Field, Outcome, Response};
use crate::value::{Entries, JsonError, Marks, Origins, Type, Value, convert};

use super::fingerprint::Fingerprints;
use super::{Marking, PlannedStep, given, hidden};

/// The recorded result of a step instance.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The recorded fingerprint of the arguments, as [`Fingerprints`] writes it; none if the run recorded
    /// none.
    pub fingerprint: Option<String>,
    /// The outputs in their public form.
    pub outputs: Json,
}

impl Recorded {
    /// Returns the reason why the recorded result does not apply to the planned step, if there is one.
    pub(super) fn missing(
        &self,
        step: &Step,
        planned: &PlannedStep,
        prints: Fingerprints<'_>,
    ) -> Option<String> {
        let why = match &self.fingerprint {
            None => "the record lacks its arguments",
            Some(then) if *then != prints.of(step, arguments(planned), &planned.actions) => {
                "its arguments, or the files that it sends, have changed"
            }
            Some(_) => return None,
        };
        Some(why.to_owned())
    }

    /// Returns the recorded object. Redacted parts are unknown and sensitive; extracted values are extracted
    /// again.
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
            value.and_then(|value| convert(&value, ty).ok())
        };
        let output = |field: &Field| {
            let value = value(field.name, &field.ty).map(|value| value.of_kind(field.kind));
            (field.name.into(), value.unwrap_or_else(|| field.unknown(&later)))
        };
        let schema = step.step_type.schema();
        let outputs: Entries = schema.outputs.iter().map(output).collect();
        let body = || value("body", &Type::Any).unwrap_or_else(|| Value::unknown(Type::Any, later.clone()));
        let body = (schema.response != Response::None).then(body);
        let inherited = planned.marks();
        let marking = Marking { step, address, arguments: &inherited };
        given::object(scope, marking, Outcome { body, ..Outcome::new(outputs, Change::None) }, |_| {})
    }
}

fn arguments(planned: &PlannedStep) -> impl Iterator<Item = (&str, &Value)> {
    planned.arguments.iter().map(|(name, value)| (name.as_str(), value))
}

/// Converts a recorded value: redacted parts are unknown until `later`, and marked with `origin`.
///
/// Lists, sets and maps become tuples and objects, since the record does not distinguish them.
pub fn recorded(json: &Json, origin: &str, later: &Origins) -> Result<Value, JsonError> {
    let left_out = |marks: &Marks| Value::unknown(Type::Any, later.clone()).with_marks(marks);
    Ok(match json {
        Json::String(text) => match hidden(text, origin) {
            Some(marks) => left_out(&marks),
            // A redacted text is not the original one.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::to_public_json;
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
            to_public_json(&value),
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
}
