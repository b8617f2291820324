//! Evaluates the `when` conditions of modules and steps.

use crate::diagnostic::Diagnostics;
use crate::graph::{Instance, ModuleId};
use crate::runbook::Step;

use super::control::{self, When};
use super::{EvalScope, State};

/// Evaluates the `when` condition of a module; the values that it refers to must be known.
///
/// The parent module must be decided. An invalid condition counts as unknown, so that it causes no further
/// errors.
pub fn decide(state: &mut State, module: ModuleId) -> Result<(), Diagnostics> {
    let Some(user) = state.modules.get(module).user.clone() else { return Ok(()) };
    let around = state.when(user.module).clone();
    let block = &state.runbook(user.module).modules[user.block];
    let decided = around.and(|| control::when(block.when.as_ref(), &state.module_scope(&user)));
    let address = || state.modules.get(module).prefix.trim_end_matches('.').to_owned();
    let decided = decided.map_err(|errors| errors.about(&address()))?;
    state.set_when(module, decided);
    Ok(())
}

/// Evaluates the `when` conditions of all instances of a `module` block.
pub fn decide_all(state: &mut State, module: ModuleId, block: usize) -> Result<(), Diagnostics> {
    for instance in state.instances(module, block) {
        decide(state, instance)?;
    }
    Ok(())
}

/// Evaluates the `when` condition of a step instance.
pub fn of_step(scope: &EvalScope<'_>, step: &Step) -> Result<When, Diagnostics> {
    let around = scope.state.when(scope.module).clone();
    around.and(|| control::when(step.control.when.as_ref(), scope))
}

impl State {
    /// Returns the instances of a `module` block that are known by now.
    fn instances(&self, module: ModuleId, block: usize) -> Vec<ModuleId> {
        let slots = &self.known(module).modules[block];
        let id = |instance: &Instance| slots.get(instance).copied().flatten();
        slots.instances().iter().filter_map(id).collect()
    }
}
