//! Registers the secrets of a plan.

use crate::graph::ModuleId;
use crate::redact::Secrets;

use super::{Plan, register_output, register_secrets};

/// Registers all text in the marked parts of a plan with `secrets`.
pub fn register_plan_secrets(secrets: &Secrets, plan: &Plan) {
    let arguments = plan.steps.iter().flat_map(|step| &step.arguments).map(|(_, value)| value);
    let modules = plan.state.modules.iter().map(|(id, _)| plan.state.known(id));
    let named = modules.flat_map(|known| known.variables.iter().chain(&known.locals).flatten());
    named.chain(arguments).for_each(|value| register_secrets(secrets, value));
    let root = ModuleId::ROOT;
    let declared = plan.state.runbook(root).outputs.iter().zip(&plan.state.known(root).outputs);
    for (output, value) in declared {
        if let Some(value) = value {
            let address = || format!("output.{}", output.name.value);
            register_output(secrets, value, &output.secrecy.marks(address));
        }
    }
}
