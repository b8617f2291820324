//! Rules about statements in databases.

use crate::audit::level::Level;
use crate::audit::{AuditRule, Found, Subject};
use crate::step::Sink;

use super::values::holds_value;

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "value-in-statement",
    level: Level::Warning,
    title: "a value is part of the text of a statement",
    explanation: "Whatever the value is becomes part of the statement, so it can be another one. The values of `parameters` \
        travel apart from the text. The text of the runbook itself is no such value: local values, files beside it, and \
        `each.value` of a list that it writes out. `secret-in-statement` is about secrets.",
    prevents: "SQL injection by a tag or by the name of a resource (CWE-89).",
    remedy: "write `$1` into the statement, and the value into `parameters`",
    check: in_statement,
}];

fn in_statement(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for view in subject.steps() {
        for field in view.step.typed().fields.iter().filter(|field| field.sink == Sink::Statement) {
            let is_public = view.argument(field.name).is_none_or(|value| !value.has_deep_marks());
            let written = view.written(field.name).filter(|_| is_public);
            if written.is_some_and(|written| holds_value(subject, &view, written)) {
                found.push(view.found(field.name, "a value becomes part of the text of a statement"));
            }
        }
    }
    found
}
