//! Defines arguments and blocks.

use std::sync::Arc;

use super::Expression;
use crate::source::{Span, Spanned};

/// The contents of a block or of a whole file.
#[derive(Clone, Debug)]
pub struct Body {
    /// The arguments, in source order; names are unique.
    pub attributes: Vec<Attribute>,
    /// The blocks, in source order.
    pub blocks: Vec<Block>,
    /// The span from the opening brace to the closing one, or the whole file.
    pub span: Span,
    /// The unreadable parts, in which arguments and blocks may be missing.
    pub gaps: Vec<Span>,
}

impl Body {
    pub(super) fn new(span: Span) -> Self {
        Self { attributes: Vec::new(), blocks: Vec::new(), span, gaps: Vec::new() }
    }

    /// Returns true if all of the body was read, so that nothing may be missing from it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gaps.is_empty()
    }

    /// Returns the argument with that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.value == name)
    }

    /// Returns the blocks of that kind, in source order.
    pub fn blocks_of(&self, kind: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| &*block.kind.value == kind)
    }
}

/// An argument, `name = expression`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The value.
    pub expression: Expression,
    /// The whole argument.
    pub span: Span,
}

/// A block, `kind "label" … { body }`.
#[derive(Clone, Debug)]
pub struct Block {
    /// The keyword.
    pub kind: Spanned<Arc<str>>,
    /// The labels; their spans include the quotes.
    pub labels: Vec<Spanned<Arc<str>>>,
    /// The body.
    pub body: Body,
    /// The span of the keyword and the labels.
    pub header: Span,
    /// The whole block.
    pub span: Span,
}
