//! Executes one step: evaluates its arguments and builds its result object.

use super::repeated::{Repeated, Why};
use super::{Job, reviewed_plan};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, given_by};
use crate::plan::{self, Marking, PlannedStep, StepLimits, Subject, register_secrets};
use crate::redact::Secrets;
use crate::runbook::Step;
use crate::step::{Action, ActionFacts, ArgumentValues, Behavior, Outcome, Work};
use crate::value::{Origins, Value, show_inline};

/// A step that is ready to run.
pub struct Prepared {
    /// The work.
    pub work: Box<dyn Work>,
    /// The actions that the step performs.
    pub actions: Vec<Action>,
    /// Its effect, and that of repeating it.
    pub behavior: Behavior,
    /// The arguments of further attempts.
    pub arguments: ArgumentValues,
    /// The origins of the unknown arguments; none if all are known.
    pub later: Option<Origins>,
    /// The time limit and repetition settings.
    pub limits: StepLimits,
}

/// Evaluates the arguments of the instance of `step` at `address`, whose dependencies must have ended, and
/// checks its actions against the plan; with a reviewed plan, the arguments too.
///
/// Preconditions are not checked for a change that an earlier run has made.
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
    // The plan reported the warnings.
    let arguments = plan::arguments(scope, step.typed(), address, &mut Diagnostics::new())?;
    for value in arguments.values() {
        register_secrets(&job.secrets, value);
    }
    if job.held.is_some() {
        reviewed_plan::arguments(step, address, planned, &arguments)?;
    }
    let work = plan::prepare(scope, step, address, &arguments)?;
    let actions = work.actions();
    let allowed = planned.map(|planned| planned.actions.as_slice()).unwrap_or_default();
    let later = later(&arguments);
    // An action that is not known is never performed.
    let is_performed = |action: &&Action| later.is_none() || action.is_known();
    let is_stray = |action: &&Action| !allowed.iter().any(|planned| planned.admits(action));
    if let Some(stray) = actions.iter().filter(is_performed).find(is_stray) {
        let planned = planned.map(|planned| (planned, scope));
        return Err(unplanned(step, address, stray, planned).into());
    }
    let limits = plan::limits(scope, &step.control, address)?;
    let behavior = work.behavior(&actions);
    Ok(Prepared { work, actions, behavior, arguments, later, limits })
}

/// Checks the preconditions of the instance of `step` at `address`.
pub fn preconditions(scope: &dyn Scope, step: &Step, address: &str) -> Result<(), Diagnostics> {
    plan::check_all(&step.preconditions, scope, &Subject::Before(address)).or(())
}

/// Returns the origins of the unknown arguments; none if all are known.
fn later(arguments: &ArgumentValues) -> Option<Origins> {
    let unknown = arguments.values().filter(|value| !value.is_wholly_known()).map(Value::origins);
    unknown.reduce(|some, more| some.union(&more))
}

fn unplanned(
    step: &Step,
    address: &str,
    action: &Action,
    planned: Option<(&PlannedStep, &dyn Scope)>,
) -> Diagnostic {
    if let Some((planned, scope)) = planned
        && let Some(argument) = planned.actions.iter().find_map(|planned| planned.misfit(action))
    {
        return misfitting(scope, (step, address), planned, argument);
    }
    let line = ActionFacts::brief(action).line();
    Diagnostic::error("unplanned-action", format!("`{line}` is not in the plan"))
        .marked(step.header, "nothing was done")
        .detail("A run performs only the actions that its plan lists.")
        .about(address)
}

/// Returns the error for an argument with a value that cannot take the place of the unknown parts in its plan.
fn misfitting(
    scope: &dyn Scope,
    (step, address): (&Step, &str),
    planned: &PlannedStep,
    argument: &str,
) -> Diagnostic {
    let written = step.arguments.iter().find(|written| &*written.name.value == argument);
    let given = written.and_then(|written| given_by(&written.expression, scope));
    let value = planned.arguments.iter().find(|(name, _)| name == argument).map(|(_, value)| value);
    let summary = format!("`{argument}` has a value that the plan does not admit");
    let error =
        Diagnostic::error("unplanned-action", summary).marked(step.place(argument), "nothing was done");
    let error = match value {
        Some(value) if given.is_none() => error.detail(format!("Planned {}.", show_inline(value, SHORT))),
        _ => error,
    };
    error
        .help(
            "an unknown part of a path stands for one segment, without `/`, `\\`, `?` and `#`; only an output that is \
             an ARM id stands for several",
        )
        .about(address)
}

/// The maximum number of characters shown of a value.
const SHORT: usize = 120;

/// Builds the result object of a step instance, and registers its secrets.
pub fn object(
    scope: &dyn Scope,
    marking: Marking<'_>,
    outcome: Outcome,
    secrets: &Secrets,
) -> Result<Value, Diagnostics> {
    // The declared outputs register the secrets of a sensitive response. The rest of it, such as its own URL,
    // is hidden but not registered: searching for it would redact much of the other output.
    plan::object(scope, marking, outcome, |output| register_secrets(secrets, output))
}

/// The verdict on the result of a step.
pub enum Verdict {
    /// The step is done.
    Good,
    /// The step is repeated, if its limits allow.
    Again(Repeated),
}

/// Judges the result of the instance of `step` at `address`, which is `self` in `scope`. The errors are
/// failed postconditions.
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
