//! What a step will give, before it has run.

use std::sync::Arc;

use crate::runbook::Step;
use crate::step::{Field, Response};
use crate::value::{Data, Entries, Origins, Type, Value};

use super::marking::{ArgumentMarks, Marking};

/// The object of an instance of a step that has not run: every output that is not in `known_outputs` is unknown, of the type
/// that the schema says, marked as it will be.
#[must_use]
pub fn object(marking: Marking<'_>, known_outputs: &Entries) -> Value {
    let Marking { step, address, .. } = marking;
    let schema = step.step_type.schema();
    let origins = Origins::of(address);
    if !step.is_whole {
        // Nobody complains of what it does not give.
        return Value::unknown(Type::Any, origins);
    }
    let mut entries: Entries = schema
        .outputs
        .iter()
        .map(|field| {
            let value = known_outputs.get(field.name).cloned().unwrap_or_else(|| unknown(field, &origins));
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

/// The object of the instance of a step at `address` that gave nothing: it is not run, or it failed. Every output is null.
#[must_use]
pub fn nothing(step: &Step, address: &str) -> Value {
    let schema = step.step_type.schema();
    // Nothing was made from the arguments.
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

fn unknown(field: &Field, origins: &Origins) -> Value {
    Value::unknown(field.ty.clone(), origins.clone())
}
