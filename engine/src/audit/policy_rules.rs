//! The findings of an organisation's own policies.

use std::collections::HashMap;
use std::sync::Arc;

use super::level::Level;
use super::{AuditRule, Found, StepView, Subject};
use crate::policy::PolicyMessage;
use crate::runbook::Runbook;
use crate::source::{Span, Spanned};

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

/// Places messages at the steps that they name, or else at the head of the runbook; those about something that is not
/// there at their policies.
fn found(subject: &Subject<'_>, messages: &[PolicyMessage]) -> Vec<Found> {
    let runbook = subject.runbook();
    let first = runbook.files.first().map(|file| Span::new(*file, 0..0));
    let Some(head) = runbook.settings.header.or(first) else { return Vec::new() };
    let mut steps: HashMap<&str, StepView<'_>> = HashMap::new();
    // A message may name a step that does not run.
    let all = subject.plan.steps.iter();
    let all = all.filter_map(|planned| Some(StepView { planned, step: subject.plan.written(planned)? }));
    for view in all {
        steps.entry(&view.planned.address).or_insert(view);
        steps.entry(&view.step.address).or_insert(view);
    }
    let place = |address: &String| steps.get(address.as_str());
    let found = |message: &PolicyMessage| {
        let text = format!("{}: {}", message.package, message.message);
        let Some(address) = &message.address else { return Found::at(head, text) };
        if let Some(view) = place(address) {
            return view.found_in_whole(text);
        }
        if let Some(place) = block(runbook, address) {
            return Found::at(place, text).about(address.as_str());
        }
        let policy = subject.answers.places.get(&message.package).copied().unwrap_or(head);
        Found::at(policy, format!("{text} (nothing in the runbook is called {address})"))
    };
    messages.iter().map(found).collect()
}

/// Returns the place of a block other than an instance of a step, by its address; none if there is none.
fn block(runbook: &Runbook, address: &str) -> Option<Span> {
    if let Some(inner) = address.strip_prefix("module.") {
        let (name, rest) = inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()));
        let module = runbook.modules.iter().find(|module| &*module.name.value == name)?;
        // The key of an instance may contain any character.
        let rest =
            if rest.starts_with('[') { rest.find(']').map_or("", |end| &rest[end + 1..]) } else { rest };
        return match rest.strip_prefix('.') {
            Some(rest) => block(&module.runbook, rest),
            None => Some(module.header),
        };
    }
    let steps = runbook.steps.iter().map(|step| (step.address.to_string(), step.header));
    let identities = runbook.identities.iter().map(|one| (one.address.to_string(), one.header));
    let named =
        |kind: &'static str| move |name: &Spanned<Arc<str>>| (format!("{kind}.{}", name.value), name.span);
    let variables = runbook.variables.iter().map(|one| &one.name).map(named("var"));
    let locals = runbook.locals.iter().map(|one| &one.name).map(named("local"));
    let checks = runbook.checks.iter().map(|one| &one.name).map(named("check"));
    let outputs = runbook.outputs.iter().map(|one| &one.name).map(named("output"));
    let mut all = steps.chain(identities).chain(variables).chain(locals).chain(checks).chain(outputs);
    all.find(|(one, _)| one == address).map(|(_, place)| place)
}
