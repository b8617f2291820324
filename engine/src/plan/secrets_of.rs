//! Lists the origins of the secrets in values.

use std::collections::BTreeMap;

use crate::runbook::Step;
use crate::step::Response;
use crate::value::Value;

/// The origin of a secret that the runbook gives itself.
pub(super) const RUNBOOK: &str = "the runbook itself";

/// Returns the origins of the secrets in each argument of the step at `address`.
pub fn secrets_of<'a>(
    address: &str,
    arguments: impl Iterator<Item = (&'a str, &'a Value)>,
) -> BTreeMap<String, Vec<String>> {
    let origins = |(name, value): (&'a str, &Value)| {
        let others = others(&format!("{address}.{name}"), value);
        // The step type declares the argument sensitive, and its value comes from no other part.
        let is_own = || !value.is_unknown() && !value.is_null();
        Some((name, others.or_else(|| is_own().then(|| vec![RUNBOOK.to_owned()]))?))
    };
    arguments
        .filter(|(_, value)| value.has_deep_marks())
        .filter_map(origins)
        .map(|(name, origins): (&str, _)| (name.to_owned(), origins))
        .collect()
}

/// Returns the origins of the secrets in an output; none if it has no secret of another part.
#[must_use]
pub fn secrets_of_output(name: &str, value: &Value) -> Option<Vec<String>> {
    others(&format!("output.{name}"), value)
}

/// Returns the origins of the secrets in the value of the part `own`. A part that is declared sensitive is its own
/// origin, which says nothing more.
fn others(own: &str, value: &Value) -> Option<Vec<String>> {
    let is_own = |origin: &&str| origin.strip_prefix(own).is_some_and(|rest| !is_name(rest));
    let marks = value.deep_marks();
    let others: Vec<String> = marks.origins().filter(|origin| !is_own(origin)).map(str::to_owned).collect();
    (!others.is_empty()).then_some(others)
}

/// Returns true if the results of a step contain a secret that no argument brings.
#[must_use]
pub fn gives_secret(step: &Step) -> bool {
    let schema = step.step_type.schema();
    let declares = schema.outputs.iter().any(|output| output.sensitive);
    step.sensitive || schema.response == Response::Sensitive || declares
}

/// Returns true if `rest` continues a name.
fn is_name(rest: &str) -> bool {
    rest.starts_with(|next: char| next.is_alphanumeric() || next == '_' || next == '-')
}
