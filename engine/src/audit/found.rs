//! Defines the place that breaks a rule.

use crate::source::Span;

/// A place that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The place: the attribute, or the header of the block.
    pub span: Span,
    /// The address of the step or other object, if it is in one.
    pub address: Option<String>,
    /// The problem, in one line; it quotes nothing that was given from outside the runbook.
    pub message: String,
}

impl Found {
    /// Returns a place outside of any object.
    #[must_use]
    pub fn at(span: Span, message: impl Into<String>) -> Self {
        Self { span, address: None, message: message.into() }
    }

    /// Names the object.
    #[must_use]
    pub fn about(self, address: impl Into<String>) -> Self {
        Self { address: Some(address.into()), ..self }
    }
}
