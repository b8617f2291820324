//! Evaluates constant expressions.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::functions::{self, Clock, Files};
use crate::expression::{self, Resolved, Scope};
use crate::syntax::{Expression, Reference};
use crate::value::Value;

/// A scope without names; functions resolve paths relative to a directory.
pub struct Constants {
    files: Files,
    clock: Clock,
}

impl Constants {
    /// Returns a scope with paths relative to `directory`.
    pub fn new(directory: &Path) -> Self {
        Self { files: Files::new(directory), clock: Clock::plan() }
    }
}

impl Scope for Constants {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        Err(Box::new(
            Diagnostic::error("not-constant", format!("`{reference}` cannot be used here"))
                .at(reference.span, "only constants are allowed here")
                .help("write the value itself; text goes in double quotes"),
        ))
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.files, self.clock)
    }
}

/// Evaluates `expression`, which must not refer to or call anything.
pub fn constant(expression: &Expression, directory: &Path) -> Result<Value, Diagnostics> {
    expression::constant(expression, &Constants::new(directory))
}
