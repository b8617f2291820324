//! Arguments and blocks.

use std::sync::Arc;

use super::Expression;
use crate::source::{Span, Spanned};

/// What stands between the braces of a block, or in a whole file.
#[derive(Clone, Debug)]
pub struct Body {
    /// The arguments, in the order they were written; no name twice.
    pub attributes: Vec<Attribute>,
    /// The blocks, in the order they were written.
    pub blocks: Vec<Block>,
    /// From the opening brace to the closing one, or the whole file.
    pub span: Span,
    /// What in it could not be read; arguments and blocks may be missing for it.
    pub gaps: Vec<Span>,
}

impl Body {
    pub(super) fn new(span: Span) -> Self {
        Self { attributes: Vec::new(), blocks: Vec::new(), span, gaps: Vec::new() }
    }

    /// Whether all that stands in it was read, so that what is not in it is missing.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.gaps.is_empty()
    }

    /// The argument with that name.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| &*attribute.name.value == name)
    }

    /// The blocks of that kind, in the order they were written.
    pub fn blocks_of(&self, kind: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| &*block.kind.value == kind)
    }
}

/// `name = expression`.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it is set to.
    pub expression: Expression,
    /// All of it.
    pub span: Span,
}

/// `kind "label" … { body }`.
#[derive(Clone, Debug)]
pub struct Block {
    /// The word it begins with.
    pub kind: Spanned<Arc<str>>,
    /// The labels; their spans include the quotes.
    pub labels: Vec<Spanned<Arc<str>>>,
    /// What stands in it.
    pub body: Body,
    /// The kind and the labels.
    pub header: Span,
    /// All of it.
    pub span: Span,
}
