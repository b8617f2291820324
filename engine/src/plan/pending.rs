//! Builds the result object of a step that has not run.

use std::sync::Arc;

use crate::runbook::Step;
use crate::step::Response;
use crate::value::{Data, Entries, Origins, Type, Value};

use super::marking::{ArgumentMarks, Marking};

/// Returns the object of an instance of a step that has not run: every output not in `known_outputs` is
/// unknown, with its type in the schema and its future marks.
#[must_use]
pub fn object(marking: Marking<'_>, known_outputs: &Entries) -> Value {
    let Marking { step, address, .. } = marking;
    let schema = step.step_type.schema();
    let origins = Origins::of(address);
    if !step.is_whole {
        // Its block has an error already; any attribute resolves without another one.
        return Value::unknown(Type::Any, origins);
    }
    let mut entries: Entries = schema
        .outputs
        .iter()
        .map(|field| {
            let value = known_outputs.get(field.name).cloned().unwrap_or_else(|| field.unknown(&origins));
            (Arc::from(field.name), marking.output(field.name, value))
        })
        .collect();
    if schema.response != Response::None {
        let body = marking.body(Value::unknown(Type::Any, origins));
        let extract = step.extract.iter().map(|extract| (extract.name.value.clone(), body.clone()));
        entries.insert("extract".into(), Value::object(extract));
        entries.insert("body".into(), body);
    }
    Value::object(entries)
}

/// Returns the object of the instance of a step at `address` that was skipped or failed: every output is
/// null.
#[must_use]
pub fn nothing(step: &Step, address: &str) -> Value {
    let schema = step.step_type.schema();
    // Nulls are not derived from arguments, so they inherit no marks.
    let marking = Marking { step, address, arguments: &ArgumentMarks::default() };
    let null = |ty: Type| Value::new(Data::Null(ty));
    let outputs = schema
        .outputs
        .iter()
        .map(|field| (Arc::from(field.name), marking.output(field.name, null(field.ty.clone()))));
    let mut entries: Entries = outputs.collect();
    if schema.response != Response::None {
        let extract = step.extract.iter().map(|extract| (extract.name.value.clone(), Value::NULL));
        entries.insert("extract".into(), Value::object(extract));
        entries.insert("body".into(), Value::NULL);
    }
    Value::object(entries)
}
