//! One step: from its arguments to its object.

use super::repeated::{Repeated, Why};
use super::{Job, reviewed_plan};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Scope;
use crate::plan::{self, Marking, PlannedStep, StepLimits, Subject, register_secrets};
use crate::redact::Secrets;
use crate::runbook::Step;
use crate::step::{ArgumentValues, Call, Outcome, Touch, Work};
use crate::value::{Origins, Value};

/// A step that is ready to be run.
pub struct Prepared {
    /// The work.
    pub work: Box<dyn Work>,
    /// The requests it makes.
    pub calls: Vec<Call>,
    /// The files that it touches.
    pub touches: Vec<Touch>,
    /// What further attempts are made with.
    pub arguments: ArgumentValues,
    /// After what the arguments are all known, when they are not.
    pub later: Option<Origins>,
    /// How long it may take, and how often it is tried.
    pub limits: StepLimits,
}

/// Evaluates the arguments of the instance of `step` at `address`, now that all it waits for is done, and holds its
/// calls to those of the plan; where that was reviewed as a file, the arguments too.
///
/// That its preconditions hold is not asked of a change that an earlier run made.
pub fn prepare(
    scope: &dyn Scope,
    step: &Step,
    address: &str,
    planned: Option<&PlannedStep>,
    (job, was_made): (&Job<'_>, bool),
) -> Result<Prepared, Diagnostics> {
    if !was_made {
        preconditions(scope, step, address)?;
    }
    let arguments = plan::arguments(scope, step, address)?;
    for value in arguments.values() {
        register_secrets(&job.secrets, value);
    }
    if job.held.is_some() {
        reviewed_plan::arguments(step, address, planned, &arguments)?;
    }
    let work = plan::prepare(step, address, &arguments)?;
    let (calls, touches) = (work.calls(), work.touches());
    let allowed = planned.map(|planned| planned.calls.as_slice()).unwrap_or_default();
    let later = later(&arguments);
    // A call that is not all known is sent nowhere.
    let is_sent = |call: &&Call| later.is_none() || call.url.reveal().is_some();
    let is_stray = |call: &&Call| !allowed.iter().any(|planned| admits(planned, call));
    if let Some(stray) = calls.iter().filter(is_sent).find(is_stray) {
        return Err(unplanned(step, address, stray).into());
    }
    Ok(Prepared {
        work,
        calls,
        touches,
        arguments,
        later,
        limits: plan::limits(scope, &step.control, address)?,
    })
}

/// Fails with the preconditions of the instance of `step` at `address` that do not hold.
pub fn preconditions(scope: &dyn Scope, step: &Step, address: &str) -> Result<(), Diagnostics> {
    plan::check_all(&step.preconditions, scope, &Subject::Before(address)).or(())
}

/// After what arguments are all known; none when they are.
fn later(arguments: &ArgumentValues) -> Option<Origins> {
    let unknown = arguments.values().filter(|value| !value.is_wholly_known()).map(Value::origins);
    unknown.reduce(|some, more| some.union(&more))
}

fn admits(planned: &Call, call: &Call) -> bool {
    let url = call.url.reveal();
    planned.method == call.method
        && planned.audience == call.audience
        && url.is_some_and(|url| planned.url.admits(&url))
}

fn unplanned(step: &Step, address: &str, call: &Call) -> Diagnostic {
    Diagnostic::error("unplanned-call", format!("{} {} is not in the plan", call.method, call.url))
        .at(step.header, "nothing was sent")
        .detail("A run sends only the requests that its plan lists.")
        .about(address)
}

/// The object of an instance of a step, whose secrets are told.
pub fn object(
    scope: &dyn Scope,
    marking: Marking<'_>,
    outcome: Outcome,
    secrets: &Secrets,
) -> Result<Value, Diagnostics> {
    // The outputs say which parts of a sensitive response are secrets. The rest of it, such as its own URL, is shown to
    // nobody either, but to look for it in all other output would blot out half of that.
    plan::object(scope, marking, outcome, |output| register_secrets(secrets, output))
}

/// What is made of what a step gave.
pub enum Verdict {
    /// It is done.
    Good,
    /// It is done once more, if it may.
    Again(Repeated),
}

/// Looks at what the instance of `step` at `address` gave, which is `self` in `scope`; fails with postconditions that do
/// not hold.
pub fn judge(scope: &dyn Scope, step: &Step, address: &str) -> Result<Verdict, Diagnostics> {
    let retry = step.control.retry.as_ref().and_then(|retry| retry.condition.as_ref());
    if let Some(condition) = retry
        && plan::holds(condition, scope)? == Some(true)
    {
        return Ok(Verdict::Again(Repeated::new(Why::Retry, condition, scope)));
    }
    if let Some(until) = &step.control.until
        && plan::holds(&until.condition, scope)? != Some(true)
    {
        return Ok(Verdict::Again(Repeated::new(Why::Until, &until.condition, scope)));
    }
    plan::check_all(&step.postconditions, scope, &Subject::After(address)).or(Verdict::Good)
}
