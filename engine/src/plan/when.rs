//! Whether what is in a module is done.

use crate::diagnostic::Diagnostics;
use crate::graph::{Instance, ModuleId};
use crate::runbook::Step;

use super::control::{self, When};
use super::{EvalScope, State};

/// Decides whether what is in a module is done, now that what its `when` refers to is known.
///
/// The module around it is decided by then. One whose `when` is wrong counts as not known, so that nobody complains
/// again.
pub fn decide(state: &mut State, module: ModuleId) -> Result<(), Diagnostics> {
    let Some(user) = state.modules.get(module).user.clone() else { return Ok(()) };
    let around = state.when(user.module).clone();
    let block = &state.runbook(user.module).modules[user.block];
    let decided = around.and(|| control::when(block.when.as_ref(), &state.module_scope(&user)));
    state.set_when(module, decided?);
    Ok(())
}

/// Decides for all instances of a `module` block.
pub fn decide_all(state: &mut State, module: ModuleId, block: usize) -> Result<(), Diagnostics> {
    for instance in state.instances(module, block) {
        decide(state, instance)?;
    }
    Ok(())
}

/// Whether an instance of a step is done.
pub fn of_step(scope: &EvalScope<'_>, step: &Step) -> Result<When, Diagnostics> {
    let around = scope.state.when(scope.module).clone();
    around.and(|| control::when(step.control.when.as_ref(), scope))
}

impl State {
    /// The instances of a `module` block that are known by now.
    fn instances(&self, module: ModuleId, block: usize) -> Vec<ModuleId> {
        let slots = &self.known(module).modules[block];
        let id = |instance: &Instance| slots.get(instance).copied().flatten();
        slots.instances().iter().filter_map(id).collect()
    }
}
