//! What the names of a runbook stand for before it has run.

use crate::diagnostic::Diagnostics;
use crate::graph::Node;
use crate::runbook::Runbook;

use super::{Plan, State, evaluate, pending};

/// The variables, local values and steps of a runbook as `plan`, which was made of it, foresees them.
pub fn foreseen<'a>(runbook: &'a Runbook, plan: &Plan) -> Result<State<'a>, Diagnostics> {
    let mut state = State::new(runbook, plan.variables.clone(), plan.clock);
    for id in plan.graph.order() {
        match *plan.graph.get(id) {
            Node::Local(index) => {
                let value = evaluate::local(&state, index)?;
                state.set_local(index, value);
            }
            Node::Step(index) => {
                let object = pending::object(&runbook.steps[index], &plan.steps[index].foreseen);
                state.set_step(index, object);
            }
            Node::Output(_) | Node::Token(_) => {}
        }
    }
    Ok(state)
}
