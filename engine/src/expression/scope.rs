//! What names stand for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::functions::{self, Clock, Files};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::Spanned;
use crate::syntax::{Reference, Segment};
use crate::value::Value;

/// The world that an expression is evaluated in.
pub trait Scope {
    /// What a reference stands for: the value of its longest prefix that the scope knows.
    ///
    /// An error means that there is nothing of that name; `try` and `can` catch it.
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>>;

    /// What is wrong with a reference, whether or not it is ever looked at; `try` and `can` do not catch it.
    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        self.resolve(reference).err().map(|error| *error)
    }

    /// By what a reference's value was given, when that was from outside the runbook; messages name it in place of the
    /// value, which may be a secret.
    fn given_by(&self, _reference: &Reference) -> Option<String> {
        None
    }

    /// What functions may know of the world.
    fn functions(&self) -> functions::Context<'_>;

    /// Whether this is the console, which has `type` beside the other functions.
    fn is_console(&self) -> bool {
        false
    }
}

/// What a prefix of a reference means.
pub struct Resolved<'a> {
    /// What it means.
    pub meaning: Meaning<'a>,
    /// How many segments of the path led to it.
    pub used: usize,
}

/// What a reference means: a value, or many of which usually only one is wanted.
pub enum Meaning<'a> {
    /// A value.
    One(Value),
    /// A tuple or an object that is made only when it is needed as a whole.
    Many(Box<dyn InstanceScope + 'a>),
}

/// A tuple or an object whose elements can be had one by one.
pub trait InstanceScope {
    /// The element with that key, which is known; none when there is none.
    fn one(&self, key: &Value) -> Option<Value>;

    /// All of it.
    fn all(&self) -> Value;
}

impl Resolved<'_> {
    /// A value that so many segments of the path led to.
    #[must_use]
    pub fn one(value: Value, used: usize) -> Self {
        Self { meaning: Meaning::One(value), used }
    }

    /// The value of as much of `path` as it takes to have one, and how many segments that is.
    #[must_use]
    pub fn value(self, path: &[Segment]) -> (Value, usize) {
        let instances = match self.meaning {
            Meaning::One(value) => return (value, self.used),
            Meaning::Many(instances) => instances,
        };
        let key = match path.get(self.used) {
            Some(Segment::Index(key)) => Some(key.value.to_value()),
            _ => None,
        };
        match key.and_then(|key| instances.one(&key)) {
            Some(value) => (value, self.used + 1),
            None => (instances.all(), self.used),
        }
    }
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
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let name = &reference.root;
        match self.values.get(&name.value) {
            Some(value) => Ok(Resolved::one(value.clone(), 0)),
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
