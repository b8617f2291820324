//! What a step gave in an earlier run.

use std::sync::Arc;

use serde_json::Value as Json;

use crate::expression::Scope;
use crate::plan::{self, Marking, is_whole};
use crate::step::{Change, Outcome, Response};
use crate::value::{Entries, Type, Value, convert};

/// The outputs of a step, as a record has them: those that are whole.
///
/// What holds a phrase for something that is not shown may not be what it was, and is left out.
#[must_use]
pub fn recorded(outputs: &Json) -> Entries {
    let outputs = outputs.as_object().into_iter().flatten();
    let whole = outputs.filter(|(_, value)| is_whole(value));
    whole
        .filter_map(|(name, value)| Some((Arc::from(name.as_str()), Value::from_json(value).ok()?)))
        .collect()
}

/// The object of a step that gave these outputs in an earlier run; none when something of it is not in the record. What is extracted is extracted anew: the query may be another one now.
#[must_use]
pub fn object(scope: &dyn Scope, marking: Marking<'_>, outputs: &Json) -> Option<Value> {
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
    plan::object(scope, marking, Outcome { outputs: entries, body, change: Change::None }, |_| {}).ok()
}
