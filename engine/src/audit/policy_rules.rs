//! The findings of an organisation's own policies.

use std::collections::HashMap;

use super::level::Level;
use super::{AuditRule, Found, StepView, Subject};
use crate::policy::PolicyMessage;
use crate::source::Span;

/// A policy that denies a run.
pub(super) static DENIES: AuditRule = AuditRule {
    id: "policy-denies",
    level: Level::Error,
    title: "a policy of the organisation denies the run",
    explanation: "The rule `deny` of a policy that `-policy` names has a message. `arcbook run -policy` refuses such a run. No \
        comment allows it: a policy knows its own exceptions.",
    prevents: "Runs against the rules of the organisation (SOC 2 CC8.1; ISO 27001 A.8.32).",
    remedy: "change the runbook, or ask those who keep the policy",
    check: |subject| found(subject, &subject.answers.deny),
};

/// A policy that warns.
pub(super) static WARNS: AuditRule = AuditRule {
    id: "policy-warns",
    level: Level::Warning,
    title: "a policy of the organisation warns",
    explanation: "The rule `warn` of a policy that `-policy` names has a message. A run goes on. No comment allows it: a policy knows \
        its own exceptions.",
    prevents: "Runs that nobody in the organisation wants to see again.",
    remedy: "change the runbook, or ask those who keep the policy",
    check: |subject| found(subject, &subject.answers.warn),
};

/// Places messages at the steps that they name, or else at the head of the runbook.
fn found(subject: &Subject<'_>, messages: &[PolicyMessage]) -> Vec<Found> {
    let runbook = subject.runbook();
    let first = runbook.files.first().map(|file| Span::new(*file, 0..0));
    let Some(head) = runbook.settings.header.or(first) else { return Vec::new() };
    let mut steps: HashMap<&str, StepView<'_>> = HashMap::new();
    for view in subject.steps() {
        steps.entry(&view.planned.address).or_insert(view);
        steps.entry(&view.step.address).or_insert(view);
    }
    let place = |address: &String| steps.get(address.as_str());
    let found = |message: &PolicyMessage| {
        let text = format!("{}: {}", message.package, message.message);
        match message.address.as_ref().and_then(place) {
            Some(view) => view.found_in_whole(text),
            None => Found { address: message.address.clone(), ..Found::at(head, text) },
        }
    };
    messages.iter().map(found).collect()
}
