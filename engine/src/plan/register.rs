//! Registers the secrets in values.

use crate::redact::Secrets;
use crate::value::{Data, Value};

use super::Plan;

/// Registers all text in the marked parts of `value` with `secrets`.
pub fn register_secrets(secrets: &Secrets, value: &Value) {
    register_part(secrets, value, false);
}

fn register_part(secrets: &Secrets, value: &Value, inside: bool) {
    let secret = inside || value.is_marked();
    match value.data() {
        Data::String(text) if secret => secrets.add(text),
        Data::Number(number) if secret => secrets.add(&number.to_string()),
        _ => value.children().for_each(|child| register_part(secrets, child, secret)),
    }
}

/// Registers all text in the marked parts of a plan with `secrets`.
pub fn register_plan_secrets(secrets: &Secrets, plan: &Plan) {
    let arguments = plan.steps.iter().flat_map(|step| &step.arguments).map(|(_, value)| value);
    let outputs = plan.outputs.iter().map(|output| &output.value);
    let modules = plan.state.modules.iter().map(|(id, _)| plan.state.known(id));
    let named = modules.flat_map(|known| known.variables.iter().chain(&known.locals).flatten());
    named.chain(arguments).chain(outputs).for_each(|value| register_secrets(secrets, value));
}
