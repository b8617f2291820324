//! Plans an instance of a step.

use crate::diagnostic::Diagnostics;
use crate::graph::NodeId;
use crate::runbook::Step;
use crate::step::{Deletion, Title};
use crate::value::Entries;

use super::rule::{Subject, check_all};
use super::{Answered, EvalScope, PlannedStep, When, arguments, control, max_failures, prepare, when};

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
        actions: Vec::new(),
        answered: Answered::NotAsked,
        planned_change: None,
    }
}

/// Plans an instance of a step; returns it with the outputs that are certain before the run.
pub fn plan_step(
    scope: &EvalScope<'_>,
    step: &Step,
    address: &str,
    warnings: &mut Diagnostics,
) -> Result<(PlannedStep, Entries), Diagnostics> {
    let mut planned = PlannedStep { when: when::of_step(scope, step)?, ..bare(step, address) };
    if planned.when == When::No {
        return Ok((planned, Entries::new()));
    }
    let arguments = arguments(scope, step.typed(), address, warnings)?;
    control::limits(scope, &step.control, address)?;
    if let Some(expression) = &step.control.max_failures {
        planned.max_failures = max_failures(scope, expression, address)?;
    }
    check_all(&step.preconditions, scope, &Subject::Before(address)).or(())?;
    if !step.is_whole {
        // The errors in its block are reported already.
        return Err(Diagnostics::new());
    }
    let work = prepare(scope, step, address, &arguments)?;
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
    planned.actions = work.actions();
    planned.effect = work.behavior().effect;
    // A step that may return nothing has no certain outputs.
    let is_certain = planned.when == When::Yes && step.control.always_gives();
    let known_outputs = if is_certain { work.known_outputs() } else { Entries::new() };
    Ok((planned, known_outputs))
}
