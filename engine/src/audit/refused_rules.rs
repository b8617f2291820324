//! The findings that are errors of `validate`, `plan` and `run` too.

use super::level::Level;
use super::{AuditRule, Found, Subject};

/// A secret that reaches the arguments of a program, or a network without TLS.
pub(super) static FLOW: AuditRule = AuditRule {
    id: "secret-flow",
    level: Level::Error,
    title: "a secret becomes an argument of a program, is sent without TLS, or decides on what everybody sees",
    explanation: "Every user of the machine can read the arguments of a program, and everybody between this machine and the host \
        reads a request without TLS. Everybody sees whether and how often a step runs, and which hosts it asks. `validate`, \
        `plan` and `run` refuse such a runbook, so no comment allows it.",
    prevents: "Credentials read from a list of processes or from a network (CWE-214, CWE-319).",
    remedy: "pass the secret in `environment` or `stdin`, use `https://`, or decide by a public value",
    check: |subject| refused(subject, &[FLOW.id, "sensitive-condition", "sensitive-setting"]),
};

/// An output that shows a secret.
pub(super) static OUTPUT: AuditRule = AuditRule {
    id: "sensitive-output",
    level: Level::Error,
    title: "an output that is not declared sensitive holds a secret",
    explanation: "Outputs are shown and recorded. `validate`, `plan` and `run` refuse such a runbook, so no comment allows it.",
    prevents: "Credentials in the logs of pipelines (CWE-532).",
    remedy: "add `sensitive = true` to the output, or leave the secret out of it",
    check: |subject| refused(subject, &[OUTPUT.id]),
};

/// An ephemeral value where a record would keep it.
pub(super) static EPHEMERAL: AuditRule = AuditRule {
    id: "ephemeral-value",
    level: Level::Error,
    title: "an ephemeral value goes where the record would keep it",
    explanation: "Outputs of the runbook, and arguments that a step returns, are recorded; an ephemeral value lives as long as the \
        run. `validate`, `plan` and `run` refuse such a runbook, so no comment allows it.",
    prevents: "Traces of a secret in records (ISO 27001 A.8.11).",
    remedy: "leave the value out, or use `ephemeralasnull(…)`",
    check: |subject| refused(subject, &[EPHEMERAL.id]),
};

/// Returns the errors with one of these codes.
fn refused(subject: &Subject<'_>, codes: &[&str]) -> Vec<Found> {
    let mut found = Vec::new();
    for error in subject.refused.iter().filter(|error| codes.contains(&error.code)) {
        let Some(place) = &error.primary else { continue };
        let one = Found::at(place.span, &*error.summary);
        let addresses: Vec<&String> = error.address.iter().chain(&error.others).collect();
        found.extend(addresses.iter().map(|address| one.clone().about(address.as_str())));
        found.extend(addresses.is_empty().then_some(one));
    }
    found
}
