//! The kinds of values that functions take.

/// The kind of value that a function takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any: the function writes it, whatever it is.
    Any,
    Text,
    List,
    /// A text with JSON.
    Json,
    /// A text with base64.
    Base64,
}

impl Kind {
    /// Returns the kind of a part that is taken for both; none if no value is both.
    pub fn with(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, kind) | (kind, Self::Any) => Some(kind),
            (one, other) => (one == other).then_some(one),
        }
    }
}
