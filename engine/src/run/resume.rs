//! Checks whether a run can resume another one.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{AddressIndex, Plan, PlannedStep, StepIndex};
use crate::redact::{Salt, Secrets};
use crate::runbook::Runbook;
use crate::value::Value;

use super::{Comparison, Intent, PriorRun, RecordedChange};

/// Returns errors for changes that would have another target than in `prior_run`, as far as that is known
/// before the run, and warnings for changes of steps that no longer exist.
#[must_use]
pub fn check(prior_run: &PriorRun, runbook: &Runbook, plan: &Plan, secrets: &Secrets) -> Diagnostics {
    if prior_run.runbook != runbook.name && !is_moved(prior_run) {
        let was = format!("`{}` in {}", prior_run.runbook, prior_run.directory);
        let is = format!("`{}` in {}", runbook.name, runbook.place());
        return refuse(prior_run, &format!("it is of the runbook {was}, this is {is}")).into();
    }
    let steps = StepIndex::new(plan);
    let left_out = AddressIndex::of(plan.left_out.iter().map(|left| (left.address.as_str(), ())));
    let check = |recorded: &RecordedChange| match steps.find(&recorded.step) {
        // Changes outside the selection are ignored.
        _ if left_out.find(&recorded.step).is_some() => None,
        None => Some(unaccounted(recorded)),
        Some(step) if step.run_on.is_cleanup() => None,
        Some(step) => elsewhere(prior_run, recorded, step, secrets),
    };
    let found = prior_run.changes.iter().filter_map(check);
    found.chain(declared_otherwise(prior_run, runbook)).collect()
}

/// Returns a warning for each variable whose `sensitive` differs from that in the resumed run.
fn declared_otherwise(prior_run: &PriorRun, runbook: &Runbook) -> impl Iterator<Item = Diagnostic> {
    let variables = runbook.variables.iter();
    variables.filter(|variable| prior_run.variables.contains(&*variable.name.value)).filter_map(|variable| {
        let (name, run) = (&variable.name.value, &prior_run.lineage.run);
        let warn = |summary: String, reason: &str, help: String| {
            let warning = Diagnostic::warning("secrecy-changed", summary).at(variable.name.span, reason);
            Some(warning.help(help).about(format!("var.{name}")))
        };
        match (prior_run.seals.contains_key(&**name), variable.secrecy.sensitive) {
            (false, true) => warn(
                format!("the variable `{name}` is sensitive, and was not in the run {run}"),
                "the record of that run holds its value in plain text",
                format!("give the secret another value, or see to it that nobody reads the record of {run}"),
            ),
            (true, false) => warn(
                format!("the variable `{name}` is not sensitive any more, as it was in the run {run}"),
                "the record of this run will hold its value in plain text",
                "to keep it out of the record, declare it with `sensitive = true` again".to_owned(),
            ),
            _ => None,
        }
    })
}

/// Returns true if the runbook may have moved, and so have a new name: its directory no longer exists.
fn is_moved(prior_run: &PriorRun) -> bool {
    !prior_run.directory.is_empty() && !Path::new(&prior_run.directory).exists()
}

fn refuse(prior_run: &PriorRun, detail: &str) -> Diagnostic {
    Diagnostic::error(
        "cannot-resume",
        format!("the run {} cannot be resumed: {detail}", prior_run.lineage.run),
    )
    .help("restore the earlier value, or start a new run: leave out `-resume`")
}

/// Returns an error if a step has another target than the recorded change, as far as that is known before the
/// run.
fn elsewhere(
    prior_run: &PriorRun,
    recorded: &RecordedChange,
    step: &PlannedStep,
    secrets: &Secrets,
) -> Option<Diagnostic> {
    let is_known = step.actions.iter().all(|action| action.is_read() || action.is_known());
    let arguments = step.arguments.iter().filter(|(_, value)| value.is_wholly_known());
    let arguments = arguments.map(|(name, value)| (name.as_str(), value));
    let now = Intent::of(String::new(), arguments, &step.actions, secrets);
    let others = prior_run.changes.of(&recorded.step).iter();
    let is_elsewhere =
        others.map(|recorded| recorded.intent.compare(&now)).all(|found| found == Comparison::OtherTarget);
    (is_known && !step.actions.is_empty() && is_elsewhere).then(|| {
        let made = if recorded.outcome.is_some() { "was made" } else { "may have been made" };
        let differences = recorded.intent.differences(&now).join("; ");
        refuse(prior_run, &format!("{} {made} on another target: {differences}", recorded.step))
            .help(format!("`arcbook undo {}` undoes the change on the other target", prior_run.lineage.run))
    })
}

/// Returns the warning that the step of a recorded change no longer exists.
pub(super) fn unaccounted(recorded: &RecordedChange) -> Diagnostic {
    let made = if recorded.outcome.is_some() { "made" } else { "may have made" };
    let summary = format!(
        "the run {} {made} a change in {}, but the runbook no longer has this step",
        recorded.run, recorded.step
    );
    Diagnostic::warning("unaccounted-change", summary)
        .detail(format!(
            "The change is on {}. arcbook leaves it unchanged.",
            recorded.intent.target.join(" and ")
        ))
        .help("`arcbook undo` undoes it with the other changes of these runs; or remove it yourself")
}

/// Returns the sensitive variables, such as `var.password`, whose value differs from that in `prior_run`.
pub(super) fn rotated(prior_run: &PriorRun, runbook: &Runbook, plan: &Plan) -> HashSet<String> {
    let Some(salt) = Salt::parse(&prior_run.salt) else { return HashSet::new() };
    let names = runbook.variables.iter().map(|variable| &*variable.name.value);
    let now: BTreeMap<&str, &Value> = names.zip(&plan.variables).collect();
    let is_other = |(name, seal): &(&String, &String)| {
        now.get(name.as_str()).is_some_and(|now| salt.seal(now).as_ref() != Some(*seal))
    };
    prior_run.seals.iter().filter(is_other).map(|(name, _)| format!("var.{name}")).collect()
}
