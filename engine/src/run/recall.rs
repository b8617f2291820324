//! Restores the result of a step from an earlier run.

use std::sync::Arc;

use crate::expression::Scope;
use crate::plan::{self, Marking, Named};
use crate::step::{Change, Outcome, Response};
use crate::value::{Entries, Type, Value, convert};

/// Returns the recorded outputs that are complete.
///
/// An output with a redacted part is left out, since its original value is not known.
#[must_use]
pub fn recorded(outputs: &Named) -> Entries {
    let whole = outputs.iter().filter(|(_, shown)| shown.is_whole());
    whole.filter_map(|(name, shown)| Some((Arc::from(name), shown.to_value().ok()?))).collect()
}

/// Returns the object of a step with these recorded outputs; none if the record lacks a part of it. Extracted
/// values are extracted again, since the query may have changed.
#[must_use]
pub fn object(scope: &dyn Scope, marking: Marking<'_>, outputs: &Named) -> Option<Value> {
    let mut recorded = recorded(outputs);
    let schema = marking.step.step_type.schema();
    let mut entries = Entries::new();
    for field in &schema.outputs {
        entries.insert(field.name.into(), convert(&recorded.remove(field.name)?, &field.ty).ok()?);
    }
    let body = match outputs.get("body").filter(|_| schema.response != Response::None) {
        Some(_) => Some(convert(&recorded.remove("body")?, &Type::Any).ok()?),
        None => None,
    };
    plan::object(scope, marking, Outcome { body, ..Outcome::new(entries, Change::None) }, |_| {}).ok()
}

/// Returns the object of a step with those recorded outputs that are complete, of a step that was made from a value that no
/// later run knows. A reference to an output that the record lacks is an error.
#[must_use]
pub fn rest(scope: &dyn Scope, marking: Marking<'_>, outputs: &Named) -> Option<Value> {
    let mut recorded = recorded(outputs);
    let schema = marking.step.step_type.schema();
    let mut entries = Entries::new();
    for field in &schema.outputs {
        if let Some(value) = recorded.remove(field.name) {
            entries.insert(field.name.into(), convert(&value, &field.ty).ok()?);
        }
    }
    plan::object(scope, marking, Outcome::new(entries, Change::None), |_| {}).ok()
}
