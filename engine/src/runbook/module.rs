//! Defines uses of other runbooks as modules.

use std::sync::Arc;

use crate::source::{Span, Spanned};
use crate::syntax::{Attribute, Expression, Reference};

use super::{Repetition, Runbook};

/// The block `module "name" { … }`.
#[derive(Clone)]
pub struct Module {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The header, `module "name"`.
    pub header: Span,
    /// The path of its runbook, relative to the directory of this one; none if it is missing or invalid.
    pub source: Option<Spanned<String>>,
    /// The values of its variables.
    pub arguments: Vec<Attribute>,
    /// The repetition, if any.
    pub repetition: Option<Repetition>,
    /// The condition of its contents, if any.
    pub when: Option<Expression>,
    /// The identity that acts in it where it names no other, if any.
    pub identity: Option<Reference>,
    /// The dependencies of all its contents.
    pub depends_on: Vec<Reference>,
    /// True if the whole block could be read.
    pub is_whole: bool,
    /// Its runbook; one without files if it cannot be read.
    pub runbook: Arc<Runbook>,
}

impl Module {
    /// Returns the address in the runbook that uses it: `module.name`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("module.{}", self.name.value)
    }

    /// Returns the span of its source, or of the header if it has none.
    #[must_use]
    pub fn place(&self) -> Span {
        self.source.as_ref().map_or(self.header, |source| source.span)
    }

    /// Returns the argument for the variable with that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Attribute> {
        self.arguments.iter().find(|argument| &*argument.name.value == name)
    }
}
