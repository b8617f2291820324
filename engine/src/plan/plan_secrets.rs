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

/// Registers the secrets that users gave from outside the runbook with `secrets`.
///
/// In a review, every other sensitive value is hidden by its marks alone. A text that is searched for is hidden wherever it
/// occurs: whoever writes a runbook could choose the words that its review does not show, with `sensitive("Owner")`.
pub fn register_given_secrets(secrets: &Secrets, plan: &Plan) {
    let variables = plan.state.known(ModuleId::ROOT).variables.iter().enumerate();
    let given = variables.filter(|(index, _)| plan.state.given_by(*index).is_some());
    given.filter_map(|(_, value)| value.as_ref()).for_each(|value| register_secrets(secrets, value));
}
