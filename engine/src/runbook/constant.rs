//! Expressions that must not refer to anything.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::functions::{self, Clock, Files};
use crate::expression::{self, Resolved, Scope};
use crate::syntax::{Expression, Reference};
use crate::value::Value;

/// A scope without names; functions find files from a directory.
pub struct Constants {
    files: Files,
    clock: Clock,
}

impl Constants {
    /// Functions find files from `directory`.
    pub fn new(directory: &Path) -> Self {
        Self { files: Files::new(directory), clock: Clock::plan() }
    }
}

impl Scope for Constants {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        Err(Box::new(
            Diagnostic::error("not-constant", format!("`{reference}` cannot be used here"))
                .at(reference.span, "nothing can be referred to here")
                .help("write the value out; text stands in double quotes"),
        ))
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.files, self.clock)
    }
}

/// The value of `expression`, which refers to nothing and calls nothing.
pub fn constant(expression: &Expression, directory: &Path) -> Result<Value, Diagnostics> {
    expression::constant(expression, &Constants::new(directory))
}
