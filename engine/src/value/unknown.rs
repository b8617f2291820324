//! Defines unknown values.

use super::{Origins, Pattern, TextKind, TextPart, Type};

/// An unknown value: its type, as far as it is known, and its origins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The future type; `Any` if it is unknown too.
    pub ty: Type,
    /// The origins.
    pub origins: Origins,
    /// True if the value is certain not to be null.
    pub not_null: bool,
    /// The parts of a future string; none if nothing is known of it.
    pub pattern: Option<Pattern>,
}

impl Unknown {
    /// Returns an unknown value of type `ty` with these origins.
    #[must_use]
    pub fn new(ty: Type, origins: Origins) -> Self {
        Self { ty, origins, not_null: false, pattern: None }
    }

    /// Returns the same unknown value of another type; only a string keeps its pattern.
    #[must_use]
    pub fn with_type(&self, ty: Type) -> Self {
        let pattern = self.pattern.clone().filter(|_| ty == Type::String);
        Self { ty, origins: self.origins.clone(), not_null: self.not_null, pattern }
    }

    /// Returns the parts of the future text.
    #[must_use]
    pub fn parts(&self) -> Vec<TextPart> {
        let whole = || vec![TextPart::Unknown(self.origins.clone(), TextKind::Plain)];
        self.pattern.as_ref().map_or_else(whole, |pattern| pattern.parts().to_vec())
    }

    /// Returns the text as it is shown, if a part of it is known.
    #[must_use]
    pub fn partial_text(&self) -> Option<String> {
        self.pattern.as_ref().filter(|pattern| pattern.is_partly_known()).map(ToString::to_string)
    }
}

impl std::fmt::Display for Unknown {
    /// Writes `(known after step.a.b)`, beside the parts of a text that are known.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.partial_text() {
            Some(text) => f.write_str(&text),
            None => write!(f, "({})", self.origins),
        }
    }
}
