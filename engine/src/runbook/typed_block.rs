//! Defines blocks whose arguments a type declares.

use crate::source::Span;
use crate::step::Field;
use crate::syntax::{Attribute, Expression, inside};
use crate::value::PathStep;

/// The arguments of a step or of an identity, with the declarations of its type.
#[derive(Clone, Copy)]
pub struct TypedBlock<'a> {
    /// The arguments, with nested blocks converted to expressions.
    pub arguments: &'a [Attribute],
    /// The declarations.
    pub fields: &'a [Field],
    /// The header of the block.
    pub header: Span,
}

impl<'a> TypedBlock<'a> {
    /// Returns the argument with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&'a Attribute> {
        self.arguments.iter().find(|argument| &*argument.name.value == name)
    }

    /// Returns the declaration of the argument with that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'a Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Returns the span of the argument with that name, or of the header if it is missing.
    #[must_use]
    pub fn place(&self, name: &str) -> Span {
        self.argument(name).map_or(self.header, |argument| argument.expression.span)
    }

    /// Returns the expression that a path from the arguments leads to, and true if it is that of the whole path;
    /// otherwise it is that of the longest part of the path that is written out. None if the argument is missing.
    #[must_use]
    pub fn part(&self, path: &[PathStep]) -> Option<(&'a Expression, bool)> {
        let (Some(PathStep::Attribute(name)), steps) = (path.first(), path.get(1..)?) else { return None };
        let mut expression = &self.argument(name)?.expression;
        for step in steps {
            let Some((part, _)) = inside(expression, step) else { return Some((expression, false)) };
            expression = part;
        }
        Some((expression, true))
    }
}
