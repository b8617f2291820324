//! Expands blocks whose number of instances is known only while running.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostics;
use crate::graph::{Graph, Instance, ModuleId, Node, Repeated};

use super::expander::Expander;
use super::{InstanceMap, Instances, Plan, State, When, repetition, tokens};

/// Evaluates the instances of a block; the values that their number depends on must be known.
pub fn instances(state: &State, module: ModuleId, block: Repeated) -> Result<Instances, Diagnostics> {
    let runbook = state.runbook(module);
    let scope = state.scope(module);
    let is_off = *state.when(module) == When::No;
    let (repetition, is_step) = match block {
        Repeated::Step(index) => (&runbook.steps[index].repetition, true),
        Repeated::Module(index) => (&runbook.modules[index].repetition, false),
    };
    match (repetition, is_step) {
        (None, true) => Ok(Instances::Steps(InstanceMap::Only(None))),
        (None, false) => Ok(Instances::Modules(InstanceMap::Only(None))),
        (Some(_), true) if is_off => Ok(Instances::Steps(InstanceMap::Each(BTreeMap::new()))),
        (Some(_), false) if is_off => Ok(Instances::Modules(InstanceMap::Each(BTreeMap::new()))),
        (Some(repetition), true) => repetition::expand(repetition, &scope).map(Instances::Steps),
        (Some(repetition), false) => repetition::expand(repetition, &scope).map(Instances::Modules),
    }
}

/// Adds the instances of a block, with all their contents, to the graph of a run of `plan`.
pub fn expand_block(
    plan: &Plan,
    graph: &mut Graph<Node>,
    state: &mut State,
    (module, block): (ModuleId, Repeated),
    instances: Instances,
) {
    let first = graph.len();
    let mut growth = Expander { blocks: &plan.blocks, graph, state };
    match (block, instances) {
        (Repeated::Step(index), Instances::Steps(slots)) => drop(growth.steps(module, index, slots)),
        (Repeated::Module(index), Instances::Modules(slots)) => {
            let instances: Vec<Instance> = slots.instances();
            growth.state.set_module_slots(module, index, slots);
            for instance in instances {
                let inner = growth.module(module, index, instance);
                growth.contents(inner);
            }
        }
        _ => {}
    }
    tokens::add_late(plan, graph, state, first);
}
