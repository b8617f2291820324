//! Defines the work of earlier runs that undid a run.

use std::collections::{BTreeMap, BTreeSet};

use super::intent::is_same_target;

/// A change, by step address and target.
type Key = (String, Vec<String>);

/// The changes of a run that earlier runs undid, or began to undo.
#[derive(Debug, Default)]
pub struct Undone {
    changes: BTreeSet<Key>,
    /// The changes whose undoing had begun when an undo was killed.
    begun: BTreeSet<Key>,
    /// The operations that the service worked on when an undo was killed.
    operations: BTreeMap<Key, String>,
}

impl Undone {
    /// Returns true if the change of that step on that target is undone, or turned out not to exist.
    #[must_use]
    pub fn has(&self, step: &str, target: &[String]) -> bool {
        self.changes.iter().any(|key| is(key, step, target))
    }

    /// Returns true if an undo was killed after it had begun to undo the change of that step on that target.
    #[must_use]
    pub fn has_begun(&self, step: &str, target: &[String]) -> bool {
        self.begun.iter().any(|key| is(key, step, target))
    }

    /// Returns the URL of the operation that undoes the change of that step on that target, if an undo was
    /// killed before the end of the operation.
    #[must_use]
    pub fn operation(&self, step: &str, target: &[String]) -> Option<&str> {
        let mut operations = self.operations.iter();
        operations.find(|(key, _)| is(key, step, target)).map(|(_, operation)| operation.as_str())
    }

    /// Records that an undo was killed while it undid the change of that step on that target.
    pub fn begin(&mut self, step: &str, target: Vec<String>) {
        self.begun.insert((step.to_owned(), target));
    }

    /// Records that the change of that step on that target is undone.
    pub fn finish(&mut self, step: &str, target: Vec<String>) {
        self.changes.insert((step.to_owned(), target));
    }

    /// Records the operation that undoes the change of that step on that target; none if it has ended.
    pub fn operate(&mut self, step: &str, target: Vec<String>, operation: Option<&str>) {
        let key = (step.to_owned(), target);
        match operation {
            Some(operation) => drop(self.operations.insert(key, operation.to_owned())),
            None => drop(self.operations.remove(&key)),
        }
    }
}

fn is((step, on): &Key, other: &str, target: &[String]) -> bool {
    step == other && is_same_target(on, target)
}
