//! One attribute of what is there that is not as it is wanted.

use crate::redact::Redact;
use crate::value::{Marks, Value};

/// One attribute of what is there that is not as it is wanted.
#[derive(Clone, Debug, PartialEq, Eq, Redact)]
pub struct Difference {
    /// Its name, such as `content_type`.
    pub attribute: String,
    /// What it is; null where there is none.
    pub was: Value,
    /// What it would be; null where there would be none.
    pub will: Value,
    /// Whether it cannot be changed, so that the whole is made anew.
    pub replaces: bool,
}

impl Difference {
    /// An attribute that is `was` and is wanted to be `will`.
    pub fn new(attribute: impl Into<String>, was: impl Into<Value>, will: impl Into<Value>) -> Self {
        Self { attribute: attribute.into(), was: was.into(), will: will.into(), replaces: false }
    }

    /// Says that the attribute cannot be changed, so that the whole is made anew.
    #[must_use]
    pub fn replacing(mut self) -> Self {
        self.replaces = true;
        self
    }

    /// Shows neither side to anybody, when that is asked for: what is there may be an older secret.
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
