//! Registers the secrets of a plan.

use crate::redact::Secrets;

use super::{Plan, register_secrets};

/// Registers all text in the marked parts of a plan with `secrets`.
pub fn register_plan_secrets(secrets: &Secrets, plan: &Plan) {
    let arguments = plan.steps.iter().flat_map(|step| &step.arguments).map(|(_, value)| value);
    let outputs = plan.outputs.iter().map(|output| &output.value);
    let modules = plan.state.modules.iter().map(|(id, _)| plan.state.known(id));
    let named = modules.flat_map(|known| known.variables.iter().chain(&known.locals).flatten());
    named.chain(arguments).chain(outputs).for_each(|value| register_secrets(secrets, value));
}
