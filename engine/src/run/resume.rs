//! Whether a run can go on from where another one stopped.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::plan::{AddressIndex, Plan, PlannedStep, StepIndex};
use crate::redact::{Salt, Secrets};
use crate::runbook::Runbook;
use crate::step::Method;
use crate::value::Value;

use super::{Comparison, Deed, Intent, Past};

/// What keeps a run of `plan` from resuming `past`, as far as that can be told before: a change that would go to another
/// target. Warns of changes that no step accounts for any more.
#[must_use]
pub fn check(past: &Past, runbook: &Runbook, plan: &Plan, secrets: &Secrets) -> Diagnostics {
    if past.runbook != runbook.name && !is_moved(past) {
        let was = format!("`{}` in {}", past.runbook, past.directory);
        let is = format!("`{}` in {}", runbook.name, runbook.place());
        return refuse(past, &format!("it is of the runbook {was}, this is {is}")).into();
    }
    let steps = StepIndex::new(plan);
    let left_out = AddressIndex::of(plan.left_out.iter().map(|left| (left.address.as_str(), ())));
    let check = |deed: &Deed| match steps.find(&deed.step) {
        // What it changed is not looked at.
        _ if left_out.find(&deed.step).is_some() => None,
        None => Some(unaccounted(deed)),
        Some(step) if step.run_on.is_cleanup() => None,
        Some(step) => elsewhere(past, deed, step, secrets),
    };
    past.deeds.iter().filter_map(check).collect()
}

/// Whether the runbook of a run may lie elsewhere by now: a directory gives its runbook its name.
fn is_moved(past: &Past) -> bool {
    !past.directory.is_empty() && !Path::new(&past.directory).exists()
}

fn refuse(past: &Past, detail: &str) -> Diagnostic {
    Diagnostic::error("cannot-resume", format!("the run {} cannot be resumed: {detail}", past.lineage.run))
        .help("make it what it was, or run the runbook from its beginning: leave out `-resume`")
}

/// That a step would change another target than it did, when that is known before the run.
fn elsewhere(past: &Past, deed: &Deed, step: &PlannedStep, secrets: &Secrets) -> Option<Diagnostic> {
    let reads = |method| matches!(method, Method::Get | Method::Head);
    let is_known = step.calls.iter().all(|call| reads(call.method) || call.url.reveal().is_some());
    let arguments = step.arguments.iter().filter(|(_, value)| value.is_wholly_known());
    let arguments = arguments.map(|(name, value)| (name.as_str(), value));
    let now = Intent::of(String::new(), arguments, &step.calls, secrets);
    let others = past.deeds.of(&deed.step).iter();
    let is_elsewhere =
        others.map(|deed| deed.intent.compare(&now)).all(|found| found == Comparison::OtherTarget);
    (is_known && !step.calls.is_empty() && is_elsewhere).then(|| {
        let made = if deed.outcome.is_some() { "was made" } else { "may have been made" };
        let differences = deed.intent.differences(&now).join("; ");
        refuse(past, &format!("{} {made} on another target: {differences}", deed.step))
            .help(format!("`arcbook undo {}` takes back the change on the other target", past.lineage.run))
    })
}

/// That no step accounts any more for a change that was made or may have been made.
pub(super) fn unaccounted(deed: &Deed) -> Diagnostic {
    let made = if deed.outcome.is_some() { "made" } else { "may have made" };
    let summary = format!(
        "the run {} {made} a change in {}, and the runbook has no such step any more",
        deed.run, deed.step
    );
    Diagnostic::warning("unaccounted-change", summary)
        .detail(format!("The change is on {}. It is left as it is.", deed.intent.target.join(" and ")))
        .help("`arcbook undo` takes it back with the other changes of these runs, or remove it yourself")
}

/// The sensitive variables that have another value than in `past`, such as `var.password`.
pub(super) fn rotated(past: &Past, runbook: &Runbook, plan: &Plan) -> HashSet<String> {
    let Some(salt) = Salt::parse(&past.salt) else { return HashSet::new() };
    let names = runbook.variables.iter().map(|variable| &*variable.name.value);
    let now: BTreeMap<&str, &Value> = names.zip(&plan.variables).collect();
    let is_other = |(name, seal): &(&String, &String)| {
        now.get(name.as_str()).is_some_and(|now| salt.seal(now).as_ref() != Some(*seal))
    };
    past.seals.iter().filter(is_other).map(|(name, _)| format!("var.{name}")).collect()
}
