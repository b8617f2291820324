//! Locates steps in a runbook.

use std::sync::Arc;

use crate::graph::{Instance, Item, ModuleId, Node};
use crate::plan::State;
use crate::runbook::{Runbook, Step};

/// The location of a step in the runbook.
pub(super) struct Place {
    runbook: Arc<Runbook>,
    pub module: ModuleId,
    pub index: usize,
    pub instance: Instance,
}

impl Place {
    /// Returns the location of the step of a node, if it is one.
    pub fn of(node: &Node, state: &State) -> Option<Self> {
        match node {
            Node::Item { module, item: Item::Step(index), instance } => Some(Self {
                runbook: state.runbook(*module).clone(),
                module: *module,
                index: *index,
                instance: instance.clone(),
            }),
            _ => None,
        }
    }

    /// Returns the step.
    pub fn step(&self) -> &Step {
        &self.runbook.steps[self.index]
    }
}
