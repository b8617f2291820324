//! What names stand for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::functions::{self, Clock, Files};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::Spanned;
use crate::syntax::Reference;
use crate::value::Value;

/// The world that an expression is evaluated in.
pub trait Scope {
    /// What a reference stands for: the value of its longest prefix that the scope knows.
    ///
    /// An error means that there is nothing of that name; `try` and `can` catch it.
    fn resolve(&self, reference: &Reference) -> Result<Resolved, Box<Diagnostic>>;

    /// What is wrong with a reference, whether or not it is ever looked at; `try` and `can` do not catch it.
    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        self.resolve(reference).err().map(|error| *error)
    }

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
    files: Files,
    clock: Clock,
}

impl Bindings {
    /// No names; functions find files from `base_dir`, and nothing waits for a run.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self { values: BTreeMap::new(), files: Files::new(base_dir), clock: Clock::plan().run() }
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
            None => Err(unknown_name(name, self.values.keys())),
        }
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.files, self.clock)
    }
}

/// There is nothing of that name among these.
pub(super) fn unknown_name<'a>(
    name: &Spanned<Arc<str>>,
    names: impl Iterator<Item = &'a Arc<str>>,
) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("unknown-name", format!("there is nothing named `{}`", name.value))
            .at(name.span, "not known here")
            .maybe_help(did_you_mean(&name.value, names.map(AsRef::as_ref))),
    )
}
