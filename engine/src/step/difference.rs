//! Describes a difference between an existing and a configured attribute.

use crate::redact::Redact;
use crate::value::{Marks, Value};

/// An attribute whose existing value differs from the configured one.
#[derive(Clone, Debug, PartialEq, Eq, Redact)]
pub struct Difference {
    /// The name, such as `content_type`.
    pub attribute: String,
    /// The existing value; null if there is none.
    pub was: Value,
    /// The configured value; null if there is none.
    pub will: Value,
    /// True if the attribute cannot be changed, so that the object must be replaced.
    pub replaces: bool,
    /// The reason why both values are hidden, if that is not the mark of an argument, such as `private: mode 0600`.
    pub because: Option<String>,
}

impl Difference {
    /// Returns a difference between the existing value `was` and the configured value `will`.
    pub fn new(attribute: impl Into<String>, was: impl Into<Value>, will: impl Into<Value>) -> Self {
        Self {
            attribute: attribute.into(),
            was: was.into(),
            will: will.into(),
            replaces: false,
            because: None,
        }
    }

    /// Marks the attribute as one that cannot be changed, so that the object must be replaced.
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Hides both values, and says why.
    #[must_use]
    pub fn hidden_because(self, why: impl Into<String>) -> Self {
        Self { because: Some(why.into()), ..self.hidden(true) }
    }

    /// Hides both values if `hidden` is true: the existing one may be an older secret.
    #[must_use]
    pub fn hidden(mut self, hidden: bool) -> Self {
        if hidden {
            let marks = Marks::sensitive(self.attribute.as_str());
            self.was = self.was.with_marks(&marks);
            self.will = self.will.with_marks(&marks);
        }
        self
    }
}
