//! Describes blocks.

use std::sync::Arc;

use crate::runbook::declared::Declared;
use crate::source::{Span, Spanned};
use crate::syntax::{Attribute, Block};

/// A block of a runbook, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineBlock {
    /// The keyword.
    pub kind: Spanned<Arc<str>>,
    /// The labels; their spans include the quotes.
    pub labels: Vec<Spanned<Arc<str>>>,
    /// The address in its runbook, such as `step.echo.hello`; none for a block that cannot be referred to,
    /// such as `locals`, and for one inside another.
    pub address: Option<String>,
    /// The keyword and the labels.
    pub header: Span,
    /// The span from the opening brace to the closing one.
    pub body: Span,
    /// The whole block.
    pub span: Span,
    /// The arguments, in source order.
    pub arguments: Vec<OutlineArgument>,
    /// The blocks inside it, in source order.
    pub blocks: Vec<OutlineBlock>,
}

/// An argument of a block, as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutlineArgument {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The address of a local value.
    pub address: Option<String>,
    /// The value.
    pub value: Span,
    /// The whole argument.
    pub span: Span,
}

impl OutlineBlock {
    /// Describes a block at the top of a file.
    pub(super) fn declaring(block: &Block, declared: &Declared) -> Self {
        let is_locals = &*block.kind.value == "locals";
        let mut outlined = Self::inner(block);
        if is_locals {
            for argument in &mut outlined.arguments {
                argument.address = declared.address(argument.span);
            }
        } else {
            outlined.address = declared.address(block.span);
        }
        outlined
    }

    fn inner(block: &Block) -> Self {
        let argument = |argument: &Attribute| OutlineArgument {
            name: argument.name.clone(),
            address: None,
            value: argument.expression.span,
            span: argument.span,
        };
        Self {
            kind: block.kind.clone(),
            labels: block.labels.clone(),
            address: None,
            header: block.header,
            body: block.body.span,
            span: block.span,
            arguments: block.body.attributes.iter().map(argument).collect(),
            blocks: block.body.blocks.iter().map(Self::inner).collect(),
        }
    }
}
