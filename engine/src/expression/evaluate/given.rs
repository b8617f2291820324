//! Removes values from outside the runbook from messages.

use super::Evaluator;
use crate::redact::{REPLACEMENT, Secrets};
use crate::syntax::{Expression, Reference};
use crate::value::{Data, Value};

/// The length below which a text is removed only within quotes, in characters.
const SHORT: usize = 4;

impl Evaluator<'_> {
    /// Returns the external source of a referenced value, if any.
    pub(super) fn given_by(&self, reference: &Reference) -> Option<String> {
        match self.bound(&reference.root.value) {
            Some(bound) => bound.given_by.as_deref().map(ToOwned::to_owned),
            None => self.scope.given_by(reference),
        }
    }

    /// Returns the external source of a value in `expression`, if any.
    pub(super) fn given_by_any(&self, expression: &Expression) -> Option<String> {
        expression.references().iter().find_map(|reference| self.given_by(reference))
    }

    /// Returns true if a value in `expression` comes from outside the runbook.
    pub(super) fn is_given(&self, expression: &Expression) -> bool {
        self.given_by_any(expression).is_some()
    }

    /// Removes from `message` the texts of `values`, the values of `expression`, if they come from outside
    /// the runbook.
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
        without_quoted(&secrets.redact(&message).replace(REPLACEMENT, "…"))
    }
}

/// Removes everything from the first quote of a message to the last one: it may be a part of a value.
fn without_quoted(message: &str) -> String {
    const QUOTES: [char; 3] = ['"', '`', '\''];
    match (message.find(QUOTES), message.rfind(QUOTES)) {
        (Some(start), Some(end)) if start < end => {
            let quote = &message[start..=start];
            format!("{}{quote}…{}", &message[..start], &message[end..])
        }
        _ => message.to_owned(),
    }
}

/// Returns all texts in a value, including names.
pub(crate) fn texts(value: &Value) -> Vec<String> {
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
