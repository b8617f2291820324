//! Defines the identities that a runbook declares.

use std::sync::Arc;

use crate::source::{Span, Spanned};
use crate::step::IdentityType;
use crate::syntax::{Attribute, Expression, Reference};

use super::TypedBlock;

/// The block `identity "kind" "name" { … }`.
#[derive(Clone)]
pub struct Identity {
    /// The address in its runbook: `identity.kind.name`.
    pub address: Arc<str>,
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The name of the kind.
    pub kind_name: Spanned<Arc<str>>,
    /// The kind.
    pub kind: Arc<dyn IdentityType>,
    /// The header, `identity "kind" "name"`.
    pub header: Span,
    /// The description.
    pub description: Option<String>,
    /// The arguments of its kind, with nested blocks converted to expressions.
    pub arguments: Vec<Attribute>,
    /// Steps and modules that its tokens wait for, beside those in references.
    pub depends_on: Vec<Reference>,
    /// True if the block could be read without an error.
    pub is_whole: bool,
}

impl Identity {
    /// Returns the arguments with their declarations.
    #[must_use]
    pub fn typed(&self) -> TypedBlock<'_> {
        TypedBlock { arguments: &self.arguments, fields: &self.kind.schema().arguments, header: self.header }
    }

    /// Returns all expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.arguments.iter().map(|argument| &argument.expression)
    }
}
