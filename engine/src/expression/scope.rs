//! Defines scopes, which resolve names.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::functions::{self, Clock, Files};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::Spanned;
use crate::syntax::{Reference, Segment};
use crate::value::Value;

/// The environment of an evaluation.
pub trait Scope {
    /// Resolves a reference to the value of its longest known prefix.
    ///
    /// The error means that the name does not exist; `try` and `can` catch it.
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>>;

    /// Returns the static error of a reference, even one that is never evaluated; `try` and `can` do not
    /// catch it.
    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        self.resolve(reference).err().map(|error| *error)
    }

    /// Returns the external source of a referenced value, if it comes from outside the runbook; messages name
    /// the source in place of the value, which may be a secret.
    fn given_by(&self, _reference: &Reference) -> Option<String> {
        None
    }

    /// Explains a reference whose value is null or an empty list because the query of a step found nothing.
    fn why_nothing(&self, _reference: &Reference) -> Option<WhyNothing> {
        None
    }

    /// Returns the context of functions.
    fn functions(&self) -> functions::Context<'_>;

    /// Returns true in the console, which has `type` in addition to the other functions.
    fn is_console(&self) -> bool {
        false
    }
}

/// An explanation why a value is null or empty, as parts of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhyNothing {
    /// The reason, as a sentence.
    pub detail: String,
    /// The probable intention, and the existing names or values.
    pub help: Vec<String>,
}

/// A resolved prefix of a reference.
pub struct Resolved<'a> {
    /// The value or values.
    pub meaning: Meaning<'a>,
    /// The number of resolved segments.
    pub used: usize,
}

/// The target of a reference: one value, or many of which usually one is needed.
pub enum Meaning<'a> {
    /// One value.
    One(Value),
    /// A tuple or an object that is built only if it is needed as a whole.
    Many(Box<dyn InstanceScope + 'a>),
}

/// A tuple or an object with access to single elements.
pub trait InstanceScope {
    /// Returns the element with that known key, if it exists.
    fn one(&self, key: &Value) -> Option<Value>;

    /// Returns all elements.
    fn all(&self) -> Value;
}

impl Resolved<'_> {
    /// Returns a value resolved from the first `used` segments.
    #[must_use]
    pub fn one(value: Value, used: usize) -> Self {
        Self { meaning: Meaning::One(value), used }
    }

    /// Returns the value of the shortest prefix of `path` that has one, and its number of segments.
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
    /// Returns a scope without names, in which functions resolve paths relative to `base_dir` and nothing
    /// depends on a run.
    pub fn new(base_dir: impl Into<PathBuf>) -> Self {
        Self { values: BTreeMap::new(), files: Files::new(base_dir), clock: Clock::plan().run() }
    }

    /// Adds a name.
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

/// Returns the error that none of these names matches.
pub(super) fn unknown_name<'a>(
    name: &Spanned<Arc<str>>,
    names: impl Iterator<Item = &'a Arc<str>>,
) -> Box<Diagnostic> {
    Box::new(
        Diagnostic::error("unknown-name", format!("unknown name `{}`", name.value))
            .at(name.span, "not known here")
            .maybe_help(did_you_mean(&name.value, names.map(AsRef::as_ref))),
    )
}
