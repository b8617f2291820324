//! What names stand for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::functions;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::syntax::Reference;
use crate::value::Value;

/// The world that an expression is evaluated in.
pub trait Scope {
    /// What a reference stands for: the value of its longest prefix that the scope knows.
    ///
    /// An error means that there is nothing of that name; `try` and `can` catch it.
    fn resolve(&self, reference: &Reference) -> Result<Resolved, Box<Diagnostic>>;

    /// What functions may know of the world.
    fn functions(&self) -> functions::Context<'_>;

    /// Whether this is the console, which has `type` beside the other functions.
    fn is_console(&self) -> bool {
        false
    }
}

/// The value of a prefix of a reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The value.
    pub value: Value,
    /// How many segments of the path led to it.
    pub used: usize,
}

/// A scope of plain names.
#[derive(Clone, Debug)]
pub struct Bindings {
    values: BTreeMap<Arc<str>, Value>,
    base_dir: PathBuf,
}

impl Bindings {
    /// No names; functions find files from `base_dir`.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self { values: BTreeMap::new(), base_dir: base_dir.into() }
    }

    /// With one more name.
    #[must_use]
    pub fn with(mut self, name: impl Into<Arc<str>>, value: Value) -> Self {
        self.values.insert(name.into(), value);
        self
    }
}

impl Scope for Bindings {
    fn resolve(&self, reference: &Reference) -> Result<Resolved, Box<Diagnostic>> {
        let name = &reference.root;
        match self.values.get(&name.value) {
            Some(value) => Ok(Resolved { value: value.clone(), used: 0 }),
            None => Err(Box::new(
                Diagnostic::error("unknown-name", format!("there is nothing named `{}`", name.value))
                    .at(name.span, "not known here")
                    .maybe_help(did_you_mean(&name.value, self.values.keys().map(AsRef::as_ref))),
            )),
        }
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context { base_dir: &self.base_dir }
    }
}
