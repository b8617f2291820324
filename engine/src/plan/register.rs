//! Registers the secrets in values.

use crate::redact::Secrets;
use crate::value::{Data, Marks, Value};

/// Registers all text in the marked parts of `value` with `secrets`.
pub fn register_secrets(secrets: &Secrets, value: &Value) {
    register_part(secrets, value, false);
}

/// Registers the secrets in an output of the runbook with the `declared` marks.
///
/// A text that is declared sensitive is a secret; the parts of an object may be public elsewhere, and only those that
/// are marked themselves are secrets.
pub fn register_output(secrets: &Secrets, value: &Value, declared: &Marks) {
    if value.children().next().is_none() {
        register_secrets(secrets, &value.clone().with_marks(declared));
    } else {
        register_secrets(secrets, value);
    }
}

fn register_part(secrets: &Secrets, value: &Value, inside: bool) {
    let secret = inside || value.is_marked();
    match value.data() {
        Data::String(text) if secret => secrets.add(text),
        Data::Number(number) if secret => secrets.add(&number.to_string()),
        _ => value.children().for_each(|child| register_part(secrets, child, secret)),
    }
}
