//! A runbook used by another.

use std::sync::Arc;

use crate::source::{Span, Spanned};
use crate::syntax::{Attribute, Expression, Reference};

use super::{Repetition, Runbook};

/// `module "name" { … }`.
#[derive(Clone)]
pub struct Module {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// `module "name"`.
    pub header: Span,
    /// Where its runbook lies, from the directory of this one; none when the block does not say that, or not rightly.
    pub source: Option<Spanned<String>>,
    /// Values for its variables.
    pub arguments: Vec<Attribute>,
    /// How often there is one.
    pub repetition: Option<Repetition>,
    /// Whether what is in it is done.
    pub when: Option<Expression>,
    /// What everything in it waits for.
    pub depends_on: Vec<Reference>,
    /// Whether all of the block could be read.
    pub is_whole: bool,
    /// Its runbook; one without files when it cannot be read.
    pub runbook: Arc<Runbook>,
}

impl Module {
    /// The address in the runbook that uses it: `module.name`.
    #[must_use]
    pub fn address(&self) -> String {
        format!("module.{}", self.name.value)
    }

    /// The place of its source, or the block when it has none.
    #[must_use]
    pub fn place(&self) -> Span {
        self.source.as_ref().map_or(self.header, |source| source.span)
    }

    /// The value given to the variable of that name.
    #[must_use]
    pub fn argument(&self, name: &str) -> Option<&Attribute> {
        self.arguments.iter().find(|argument| &*argument.name.value == name)
    }
}
