//! What a step gave, as the rest of a runbook sees it.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate};
use crate::jmespath;
use crate::runbook::{Extract, Query, Step};
use crate::step::{Outcome, Response};
use crate::value::{Entries, Value};

use super::with_marks;

/// The object of the instance of `step` at `address`: its outputs, the response and what is extracted from it, marked as
/// they must be. `learn` is told each output before anything else is done with it.
pub fn object(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    outcome: Outcome,
    mut learn: impl FnMut(&Value),
) -> Result<Value, Diagnostics> {
    let schema = step.step_type.schema();
    let mut entries: Entries = Entries::new();
    for (name, value) in outcome.outputs {
        let sensitive = schema.output(&name).is_some_and(|field| field.sensitive);
        let value = with_marks(value, step, (address, &name), sensitive);
        learn(&value);
        entries.insert(name, value);
    }
    if let Some(body) = outcome.body {
        let body = with_marks(body, step, (address, "body"), schema.response == Response::Sensitive);
        let mut found = Diagnostics::new();
        let extracted = step.extract.iter().filter_map(|extract| {
            found
                .take(extracted(scope, address, extract, &body))
                .map(|value| (extract.name.value.clone(), value))
        });
        let extracted = Value::object(extracted.collect::<Vec<_>>());
        found.or(())?;
        entries.insert("body".into(), body);
        entries.insert("extract".into(), extracted);
    }
    Ok(Value::object(entries))
}

fn extracted(
    scope: &dyn Scope,
    address: &str,
    extract: &Extract,
    body: &Value,
) -> Result<Value, Diagnostics> {
    let fail = |summary: String| {
        Diagnostics::from(
            Diagnostic::error("failed-query", format!("`{}` cannot be extracted", extract.name.value))
                .at(extract.span, summary)
                .about(address),
        )
    };
    match &extract.query {
        Query::Constant(query) => query.search(body).map_err(|error| fail(error.to_string())),
        Query::Computed(expression) => {
            let text = evaluate(expression, scope)?;
            let known = text.as_str().ok_or_else(|| fail("a JMESPath query is text".to_owned()))?;
            let query = jmespath::Query::parse(known).map_err(|error| fail(error.message.clone()))?;
            let value = query.search(body).map_err(|error| fail(error.to_string()))?;
            Ok(value.with_marks(text.marks()))
        }
    }
}
