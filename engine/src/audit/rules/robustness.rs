//! Rules about runs that fail halfway.

use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::runbook::{RunOn, Target};
use crate::step::{Action, ActionKind, Effect, Safety, Text};
use crate::syntax::Expression;
use crate::value::RUN;

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "until-without-limit",
        level: Level::Warning,
        title: "a step waits without a limit of its own",
        explanation: "Without `timeout` and `attempts`, `until` waits as long as arcbook does by default. A limit that fits the \
            service makes a hang a failure with a time.",
        prevents: "Runs that block a pipeline, and hold the lock of the runbook (SOC 2 A1.2).",
        remedy: "set `timeout` or `attempts` in `until`",
        check: endless,
    },
    AuditRule {
        id: "unchecked-change",
        level: Level::Note,
        title: "no step checks whether a change that cannot be repeated worked",
        explanation: "The change must be made once, and the step reads nothing before or after it: no `postcondition`, `until`, \
            `expect`, `unless` or `creates`. If its answer is lost, nobody knows whether it was made.",
        prevents: "A change that half happened counts as done (SOC 2 PI1.4).",
        remedy: "add a `postcondition`, or the argument with which the step sees whether its change is needed",
        check: unchecked,
    },
    AuditRule {
        id: "creation-without-cleanup",
        level: Level::Note,
        title: "each run makes another object, and nothing removes it",
        explanation: "The name of the object contains the name of the run, a time or a random text, so a second run does not \
            find it. No step with `run_on = \"always\"` or `\"failure\"` refers to it, and the `runbook` block does not say `on_failure = \"undo\"`.",
        prevents: "Forgotten objects that cost money and hold data (ISO 27001 A.8.10).",
        remedy: "remove it in a cleanup step, set `on_failure = \"undo\"`, or give it a fixed name",
        check: left_behind,
    },
];

fn endless(subject: &Subject<'_>) -> Vec<Found> {
    let limited = subject.runbook().settings.timeout.is_some();
    let found = |view: StepView<'_>| {
        let control = &view.step.control;
        let until = control.until.as_ref()?;
        let is_endless = until.attempts.is_none() && until.timeout.is_none() && control.timeout.is_none();
        let found = Found::at(until.header, "`until` without `timeout` and `attempts`");
        (is_endless && !limited).then(|| found.about(&*view.planned.address))
    };
    subject.steps().filter_map(found).collect()
}

fn unchecked(subject: &Subject<'_>) -> Vec<Found> {
    let is_unchecked = |view: &StepView<'_>| {
        let actions = &view.planned.actions;
        view.planned.effect == Effect::Changes
            && actions.iter().any(|action| action.safety == Safety::Once)
            && !actions.iter().any(Action::is_read)
            && view.step.postconditions.is_empty()
            && view.step.control.until.is_none()
            && view.written("expect").is_none()
    };
    let found = |view: StepView<'_>| view.found_in_whole("no step checks whether this change worked");
    subject.steps().filter(is_unchecked).map(found).collect()
}

fn left_behind(subject: &Subject<'_>) -> Vec<Found> {
    if subject.runbook().settings.undoes_failures {
        return Vec::new();
    }
    let is_left = |view: &StepView<'_>| {
        view.planned.run_on == RunOn::Success && makes_another(view) && !is_cleaned_up(subject, view)
    };
    let found =
        |view: StepView<'_>| view.found_in_whole("an object that each run makes anew and nothing removes");
    subject.steps().filter(is_left).map(found).collect()
}

/// Returns true if the step makes an object whose name differs in every run.
fn makes_another(view: &StepView<'_>) -> bool {
    let differs = |text: &Text| {
        text.gaps().any(|gap| {
            gap.argument.is_some() && gap.origins.iter().any(|one| one == RUN || one.ends_with("()"))
        })
    };
    let named = |action: &Action| match &action.kind {
        ActionKind::Http(request) => differs(&request.url),
        ActionKind::WriteFile(file) => differs(&file.path),
        ActionKind::MakeDirectory(directory) => differs(&directory.path),
        _ => false,
    };
    view.planned.effect == Effect::Changes
        && view.planned.actions.iter().any(|action| action.safety != Safety::Reads && named(action))
}

/// Returns true if a cleanup step of the same runbook refers to the step.
fn is_cleaned_up(subject: &Subject<'_>, view: &StepView<'_>) -> bool {
    let runbook =
        subject.runbooks().find(|runbook| runbook.steps.iter().any(|step| std::ptr::eq(step, view.step)));
    let Some(runbook) = runbook else { return false };
    let names_it = |target: Target| match target {
        Target::Step(index) => std::ptr::eq(&raw const runbook.steps[index], view.step),
        _ => false,
    };
    runbook.steps.iter().filter(|step| step.control.run_on.is_cleanup()).any(|step| {
        let references = step.expressions().flat_map(Expression::references);
        let all = references.chain(step.depends_on.iter().cloned());
        all.filter_map(|reference| runbook.names.resolve(&reference).ok()).any(|(target, _)| names_it(target))
    })
}
