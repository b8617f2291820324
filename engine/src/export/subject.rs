//! The steps of a plan that a script sends.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::graph::Acting;
use crate::plan::{EvalScope, Plan, PlannedStep, When};
use crate::runbook::{OnError, RunOn, Step};
use crate::step::{Effect, Script};
use crate::value::Value;

use super::refusal::refusal;

/// A step with its counterpart in a script.
pub(super) struct Subject<'a> {
    pub planned: &'a PlannedStep,
    pub step: &'a Step,
    pub scope: EvalScope<'a>,
    /// The result, as far as the plan knows it.
    pub result: Value,
    pub script: Script,
}

/// Returns the steps of a plan in an order in which they can run, and the addresses of those that cannot be written, which are
/// added to `found`.
pub(super) fn subjects<'a>(plan: &'a Plan, found: &mut Diagnostics) -> (Vec<Subject<'a>>, HashSet<&'a str>) {
    let order = plan.graph.order();
    let mut position = vec![0; plan.graph.len()];
    order.iter().enumerate().for_each(|(at, id)| position[id.index()] = at);
    let mut steps: Vec<&PlannedStep> = plan.steps.iter().filter(|step| step.when != When::No).collect();
    steps.sort_by_key(|step| position[step.node.index()]);
    let mut refused = HashSet::new();
    let subjects = steps.into_iter().filter_map(|planned| match subject(plan, planned) {
        Ok(subject) => subject,
        Err(reasons) => {
            found.extend(reasons);
            refused.insert(&*planned.address);
            None
        }
    });
    (subjects.collect(), refused)
}

/// Returns a step with its counterpart; none if it has nothing to send.
fn subject<'a>(plan: &'a Plan, planned: &'a PlannedStep) -> Result<Option<Subject<'a>>, Vec<Diagnostic>> {
    let Some((scope, step, result)) = plan.written_as(planned) else { return Ok(None) };
    // A step that only computes has nothing to send, if its arguments are known.
    let has_purpose = step.step_type.schema().has_own_purpose;
    let is_computed = planned.effect == Effect::Nothing && planned.actions.is_empty() && !has_purpose;
    if is_computed && planned.arguments.iter().all(|(_, value)| value.is_wholly_known()) {
        return Ok(None);
    }
    let reasons = reasons(plan, planned, step);
    if let (Some(script), []) = (step.step_type.script(), &*reasons) {
        return Ok(Some(Subject { planned, step, scope, result, script }));
    }
    Err(reasons.iter().map(|reason| refusal(&planned.address, step.header, reason)).collect())
}

/// Returns the reasons why a step cannot be written, whatever its arguments are.
fn reasons(plan: &Plan, planned: &PlannedStep, step: &Step) -> Vec<String> {
    let control = &step.control;
    let acts_as = plan.acts_as(planned);
    let is_other = acts_as.as_deref().is_some_and(|identity| identity != Acting::MACHINE);
    let found = [
        (
            step.step_type.script().is_none(),
            format!("steps of the type `{}` have no counterpart", step.type_name.value),
        ),
        (planned.each_of.is_some(), "its instances are known only while running".to_owned()),
        (matches!(planned.when, When::Later(_)), "its `when` is known only while running".to_owned()),
        (control.run_on != RunOn::Success, "it is a cleanup, which also runs after a failure".to_owned()),
        (control.on_error != OnError::Stop, "the run continues after its failure".to_owned()),
        (control.retry.is_some(), "it has a `retry`".to_owned()),
        (control.until.is_some(), "it has an `until`".to_owned()),
        (control.timeout.is_some(), "it has a `timeout`".to_owned()),
        (is_other, "it acts as an identity that the runbook declares".to_owned()),
    ];
    found.into_iter().filter_map(|(is_so, reason)| is_so.then_some(reason)).collect()
}
