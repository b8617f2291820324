//! Plans an instance of a step.

use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use crate::runbook::Step;
use crate::step::{Deletion, Title};
use crate::value::{Entries, Origins};

use super::rule::{Subject, check_all};
use super::{
    Answered, EvalScope, PlannedStep, SECRET_ERRORS, When, arguments, control, describe, max_failures, when,
};

/// Returns a planned step without any evaluated property.
pub fn bare(step: &Step, address: &str) -> PlannedStep {
    PlannedStep {
        address: address.to_owned(),
        node: NodeId::default(),
        each_of: None,
        effect: step.step_type.schema().effect,
        when: When::Yes,
        run_on: step.control.run_on,
        on_error: step.control.on_error,
        max_failures: None,
        description: step.description.clone(),
        arguments: Vec::new(),
        title: Title::default(),
        remote_code: None,
        deletion: Deletion::ByActions,
        keeps_copies: false,
        undo_actions: Vec::new(),
        actions: Vec::new(),
        answered: Answered::NotAsked,
        planned_change: None,
    }
}

/// Plans an instance of a step; returns it with the outputs that are certain before the run. Warnings and the errors about
/// secrets for which nobody may run it are appended to `found`.
pub fn plan_step(
    scope: &EvalScope<'_>,
    step: &Step,
    address: &str,
    found: &mut Diagnostics,
) -> Result<(PlannedStep, Entries), Diagnostics> {
    let undecided = || When::Later(Origins::of(format!("{address}.when")));
    let when = unless_secret(when::of_step(scope, step), undecided, found)?;
    let mut planned = PlannedStep { when, ..bare(step, address) };
    if planned.when == When::No {
        return Ok((planned, Entries::new()));
    }
    let arguments = arguments(scope, step.typed(), address, found)?;
    control::limits(scope, &step.control, address)?;
    if let Some(expression) = &step.control.max_failures {
        planned.max_failures = unless_secret(max_failures(scope, expression, address), || None, found)?;
    }
    check_all(&step.preconditions, scope, &Subject::Before(address)).or(())?;
    if !step.is_whole {
        // The errors in its block are reported already.
        return Err(Diagnostics::new());
    }
    let (work, refused) = describe(scope, step, address, &arguments)?;
    found.append(refused);
    let written = step.arguments.iter().filter_map(|attribute| {
        let value = arguments.get(&attribute.name.value)?;
        Some((attribute.name.value.to_string(), value.clone()))
    });
    planned.arguments = written.collect();
    planned.arguments.shrink_to_fit();
    planned.title = work.title();
    planned.remote_code = work.remote_code();
    planned.deletion = work.deletion();
    planned.keeps_copies = work.keeps_copies();
    planned.undo_actions = work.undo_actions();
    planned.actions = work.actions();
    planned.effect = work.behavior(&planned.actions).effect;
    // A step that may return nothing has no certain outputs.
    let is_certain = planned.when == When::Yes && step.control.always_gives();
    let known_outputs = if is_certain { work.known_outputs() } else { Entries::new() };
    Ok((planned, known_outputs))
}

/// Goes on with another value after errors about secrets, which are appended to `found`: a step that nobody may run is
/// described none the less.
fn unless_secret<T>(
    result: Result<T, Diagnostics>,
    instead: impl FnOnce() -> T,
    found: &mut Diagnostics,
) -> Result<T, Diagnostics> {
    match result {
        Err(errors) if errors.iter().all(|error| SECRET_ERRORS.contains(&error.code)) => {
            found.append(errors);
            Ok(instead())
        }
        result => result,
    }
}
