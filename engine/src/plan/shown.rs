//! Values as they stand in events.

use serde_json::Value as Json;

use crate::redact::Secrets;
use crate::value::{Data, Value};

use super::Plan;

/// What stands for a sensitive value.
pub const SENSITIVE: &str = "(sensitive value)";

/// `value` as JSON, with every sensitive part replaced by a phrase, and unknown ones too.
#[must_use]
pub fn shown(value: &Value) -> Json {
    if value.is_sensitive() {
        return SENSITIVE.into();
    }
    match value.data() {
        Data::Null(_) => Json::Null,
        Data::Unknown(unknown) => format!("({})", unknown.origins).into(),
        Data::Bool(value) => (*value).into(),
        Data::Number(value) => serde_json::from_str(&value.to_string()).unwrap_or(Json::Null),
        Data::String(value) => (&**value).into(),
        Data::List(_, values) | Data::Set(_, values) | Data::Tuple(values) => {
            values.iter().map(shown).collect()
        }
        Data::Map(_, entries) | Data::Object(entries) => {
            entries.iter().map(|(name, value)| (name.to_string(), shown(value))).collect()
        }
    }
}

/// Tells `secrets` all text in the sensitive parts of `value`.
pub fn teach(secrets: &Secrets, value: &Value) {
    teach_part(secrets, value, false);
}

fn teach_part(secrets: &Secrets, value: &Value, inside: bool) {
    let sensitive = inside || value.is_sensitive();
    match value.data() {
        Data::String(text) if sensitive => secrets.add(text),
        Data::Number(number) if sensitive => secrets.add(&number.to_string()),
        _ => value.children().for_each(|child| teach_part(secrets, child, sensitive)),
    }
}

/// Tells `secrets` all text in the sensitive parts of a plan.
pub fn teach_plan(secrets: &Secrets, plan: &Plan) {
    let arguments = plan.steps.iter().flat_map(|step| &step.arguments).map(|(_, value)| value);
    let outputs = plan.outputs.iter().map(|output| &output.value);
    plan.variables.iter().chain(arguments).chain(outputs).for_each(|value| teach(secrets, value));
}
