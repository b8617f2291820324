//! Builds the result object of a step that has run.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, given_by};
use crate::jmespath;
use crate::runbook::{Extract, Query};
use crate::step::Outcome;
use crate::value::{Entries, Value};

use super::Marking;

/// Returns the object of an instance of a step: its outputs, the response and the extracted values, with
/// their marks.
///
/// Calls `learn` with each output, marked as declared, before any other use of it.
pub fn object(
    scope: &dyn Scope,
    marking: Marking<'_>,
    outcome: Outcome,
    mut learn: impl FnMut(&Value),
) -> Result<Value, Diagnostics> {
    let Marking { step, address, .. } = marking;
    let mut entries: Entries = Entries::new();
    for (name, value) in outcome.outputs {
        let value = marking.declared(&name, value);
        if !marking.is_fact(&name) {
            learn(&value);
        }
        let value = marking.inherited(&name, value);
        entries.insert(name, value);
    }
    if let Some(body) = outcome.body {
        let body = marking.body(body);
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
            let given_by = given_by(expression, scope);
            // The reason may quote the query in any form.
            let reason = |reason: String| match &given_by {
                Some(given) => {
                    format!("the reason is hidden, because the query contains a value given by {given}")
                }
                None => reason,
            };
            let query = jmespath::Query::parse(known).map_err(|error| fail(reason(error.message.clone())))?;
            let value = query.search(body).map_err(|error| fail(reason(error.to_string())))?;
            Ok(value.with_marks(text.marks()))
        }
    }
}
