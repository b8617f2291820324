//! What a step will give, before it has run.

use std::sync::Arc;

use crate::runbook::Step;
use crate::step::{Field, Response};
use crate::value::{Data, Entries, Marks, Origins, Type, Value};

/// The object of the instance of a step at `address`, which has not run: every output that is not `foreseen` unknown, of the type that the schema says,
/// marked as it will be.
#[must_use]
pub fn object(step: &Step, address: &str, foreseen: &Entries) -> Value {
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
            let value = foreseen.get(field.name).cloned().unwrap_or_else(|| unknown(field, &origins));
            (Arc::from(field.name), with_marks(value, step, (address, field.name), field.sensitive))
        })
        .collect();
    if schema.response != Response::None {
        let sensitive = schema.response == Response::Sensitive;
        let body = with_marks(Value::unknown(Type::Any, origins), step, (address, "body"), sensitive);
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
    let null = |ty: Type| Value::new(Data::Null(ty));
    let outputs = schema.outputs.iter().map(|field| {
        (
            Arc::from(field.name),
            with_marks(null(field.ty.clone()), step, (address, field.name), field.sensitive),
        )
    });
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

/// Marks what the instance of a step at an address gives under a name, when that or the whole step is sensitive.
#[must_use]
pub fn with_marks(value: Value, step: &Step, (address, name): (&str, &str), sensitive: bool) -> Value {
    if sensitive || step.sensitive {
        value.with_marks(&Marks::sensitive(format!("{address}.{name}")))
    } else {
        value
    }
}
