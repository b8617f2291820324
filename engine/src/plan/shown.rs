//! Values as they stand in events.

use serde_json::Value as Json;

use crate::redact::Secrets;
use crate::value::{Data, Marks, Value};

use super::Plan;

/// What stands for a sensitive value.
pub(super) const HIDDEN: &str = "(sensitive value)";

/// `value` as JSON, with every marked part replaced by a phrase, and unknown ones too.
#[must_use]
pub fn shown(value: &Value) -> Json {
    if let Some(word) = value.marks().word() {
        return format!("({word} value)").into();
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

/// The marks, because of `origin`, of what [`shown`] wrote as this text, when it hid a value.
pub fn hidden(text: &str, origin: &str) -> Option<Marks> {
    match text {
        HIDDEN => Some(Marks::sensitive(origin)),
        "(ephemeral value)" => Some(Marks::ephemeral(origin)),
        _ => None,
    }
}

/// Tells `secrets` all text in the marked parts of `value`.
pub fn teach(secrets: &Secrets, value: &Value) {
    teach_part(secrets, value, false);
}

fn teach_part(secrets: &Secrets, value: &Value, inside: bool) {
    let secret = inside || value.is_marked();
    match value.data() {
        Data::String(text) if secret => secrets.add(text),
        Data::Number(number) if secret => secrets.add(&number.to_string()),
        _ => value.children().for_each(|child| teach_part(secrets, child, secret)),
    }
}

/// Tells `secrets` all text in the marked parts of a plan.
pub fn teach_plan(secrets: &Secrets, plan: &Plan) {
    let arguments = plan.steps.iter().flat_map(|step| &step.arguments).map(|(_, value)| value);
    let outputs = plan.outputs.iter().map(|output| &output.value);
    plan.variables.iter().chain(arguments).chain(outputs).for_each(|value| teach(secrets, value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_known_again() {
        for marks in [Marks::sensitive("var.x"), Marks::ephemeral("var.x")] {
            let json = shown(&Value::from("hunter2").with_marks(&marks));
            assert_eq!(hidden(json.as_str().unwrap(), "var.x"), Some(marks), "{json}");
        }
        assert_eq!(hidden("hunter2", "var.x"), None);
    }
}
