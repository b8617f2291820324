//! Restores results of steps from the journal of a run.

use crate::diagnostic::Diagnostics;
use crate::expression::Scope;
use crate::runbook::Step;
use crate::step::{Change, Field, Outcome, Response};
use crate::value::{Entries, Origins, Type, Value, convert};

use super::fingerprint::Fingerprints;
use super::{Marking, Named, PlannedStep, given};

/// The recorded result of a step instance.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// The recorded fingerprint of the arguments, as [`Fingerprints`] writes it; none if the run recorded
    /// none.
    pub fingerprint: Option<String>,
    /// The outputs.
    pub outputs: Named,
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
            let value = self.outputs.get(name).and_then(|shown| shown.restored(address, &later).ok());
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
