//! Values from outside the runbook in messages: their texts are left out.

use super::Evaluator;
use crate::redact::{REPLACEMENT, Secrets};
use crate::syntax::{Expression, Reference};
use crate::value::{Data, Value};

/// Texts of fewer characters are left out only where they stand in quotes.
const SHORT: usize = 4;

impl Evaluator<'_> {
    /// By what the value of a reference was given from outside the runbook.
    pub(super) fn given_by(&self, reference: &Reference) -> Option<String> {
        let is_bound = self.bound_value(&reference.root.value).is_some();
        if is_bound { None } else { self.scope.given_by(reference) }
    }

    /// Whether something in `expression` was given from outside the runbook.
    pub(super) fn is_given(&self, expression: &Expression) -> bool {
        expression.references().iter().any(|reference| self.given_by(reference).is_some())
    }

    /// `message` without the texts of `values`, which `expression` gave, where they come from outside the runbook.
    pub(super) fn without_given(&self, message: String, values: &[Value], expression: &Expression) -> String {
        if !self.is_given(expression) {
            return message;
        }
        let secrets = Secrets::new();
        let mut message = message;
        for text in values.iter().flat_map(texts) {
            secrets.add(&text);
            if text.chars().count() < SHORT {
                message = message.replace(&format!("{text:?}"), "\"…\"");
            }
        }
        secrets.redact(&message).replace(REPLACEMENT, "…")
    }
}

/// All texts in a value, names in it included.
fn texts(value: &Value) -> Vec<String> {
    let inside = value.children().flat_map(texts);
    match value.data() {
        Data::String(text) => vec![text.to_string()],
        Data::Number(number) => vec![number.to_string()],
        Data::Map(_, entries) | Data::Object(entries) => {
            entries.keys().map(ToString::to_string).chain(inside).collect()
        }
        _ => inside.collect(),
    }
}
