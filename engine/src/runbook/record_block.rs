//! Defines the block that says where records are kept.

use std::sync::Arc;

use crate::source::Span;
use crate::step::RecordStoreType;
use crate::syntax::{Attribute, Expression};

use super::TypedBlock;

/// The block `record { … }` of the `runbook` block.
#[derive(Clone)]
pub struct RecordBlock {
    /// The kind of places.
    pub kind: Arc<dyn RecordStoreType>,
    /// The header.
    pub header: Span,
    /// The arguments of its kind.
    pub arguments: Vec<Attribute>,
    /// True if the block could be read without an error.
    pub is_whole: bool,
}

impl RecordBlock {
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
