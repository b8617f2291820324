//! Draws the graph of a plan.

use std::collections::HashMap;

use super::Plan;
use super::secret_path::secret_chains;
use crate::graph::{DrawnPart, NodeId, drawn_parts};
use crate::step::Effect;

/// Returns the parts of the graph of a plan with their order, for every picture of it.
#[must_use]
pub fn drawn(plan: &Plan) -> Vec<DrawnPart> {
    let effects: HashMap<NodeId, Effect> = plan.steps.iter().map(|step| (step.node, step.effect)).collect();
    let effect = |id| effects.get(&id).copied().unwrap_or(Effect::Nothing);
    let leaves_out = |id| plan.target_filter.leaves_out(id);
    drawn_parts(&plan.graph, &plan.state.modules, effect, leaves_out, &secret_chains(plan))
}
