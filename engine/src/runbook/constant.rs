//! Expressions that must not refer to anything.

use std::path::Path;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Resolved, Scope, evaluate, functions};
use crate::syntax::{Expression, Reference};
use crate::value::Value;

/// A scope without names; functions find files from the directory.
pub struct Constants<'a>(pub &'a Path);

impl Scope for Constants<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved, Box<Diagnostic>> {
        Err(Box::new(
            Diagnostic::error("not-constant", format!("`{reference}` cannot be used here"))
                .at(reference.span, "nothing can be referred to here")
                .help("write the value out; text stands in double quotes"),
        ))
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context { base_dir: self.0 }
    }
}

/// The value of `expression`, which refers to nothing.
pub fn constant(expression: &Expression, directory: &Path) -> Result<Value, Diagnostics> {
    evaluate(expression, &Constants(directory))
}
