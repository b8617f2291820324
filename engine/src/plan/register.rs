//! Registers the secrets in values.

use crate::redact::Secrets;
use crate::value::{Data, Value};

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
