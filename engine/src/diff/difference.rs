//! Defines the difference between two runbooks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::{Deserialize, Serialize};

use super::access::{FileUse, Host, Program, Statement};
use super::block::{BlockDifference, Change};
use super::grows::Growth;
use super::permission::HeldPermission;
use super::secret_end::SecretEnd;
use crate::redact::{Redact, Secrets};

/// The format number; this format stays readable for programs that read it today.
const FORMAT: u32 = 1;

/// The difference between two runbooks, or plans of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Difference {
    /// The format number: 1.
    pub format: u32,
    /// The old one, as the user named it.
    pub old: String,
    /// The new one, as the user named it.
    pub new: String,
    /// Sentences about the two for the reader: a side is not there, or cannot run.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// True if the expressions of both were compared; otherwise one of them is a plan file, which has none.
    pub compares_expressions: bool,
    /// The differences in blocks.
    pub blocks: Vec<BlockDifference>,
    /// The differences in the permissions that identities need.
    pub permissions: Changes<HeldPermission>,
    /// The differences in the hosts that the run contacts.
    pub hosts: Changes<Host>,
    /// The differences in the ends of secrets.
    pub secrets: Changes<SecretEnd>,
    /// The differences in the files that steps use.
    pub files: Changes<FileUse>,
    /// The differences in the programs that steps start.
    pub programs: Changes<Program>,
    /// The differences in the statements that steps execute.
    pub statements: Changes<Statement>,
    /// The differences in the files that functions read.
    pub inputs: Vec<FileChange>,
    /// The accesses by which the new one is more powerful.
    pub privilege: Vec<Growth>,
}

impl Difference {
    /// Returns no difference between two subjects with these names.
    pub(super) fn between(old: String, new: String) -> Self {
        Self {
            format: FORMAT,
            old,
            new,
            notes: Vec::new(),
            compares_expressions: false,
            blocks: Vec::new(),
            permissions: Changes::default(),
            hosts: Changes::default(),
            secrets: Changes::default(),
            files: Changes::default(),
            programs: Changes::default(),
            statements: Changes::default(),
            inputs: Vec::new(),
            privilege: Vec::new(),
        }
    }

    /// Returns the addresses of the blocks that are new.
    pub(super) fn added(&self) -> HashSet<&str> {
        let added = self.blocks.iter().filter(|block| block.change == Change::Added);
        added.map(|block| block.address.as_str()).collect()
    }

    /// Returns true if nothing differs in meaning.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { blocks, permissions, hosts, secrets, files, programs, statements, inputs, .. } = self;
        blocks.is_empty()
            && inputs.is_empty()
            && [permissions.is_empty(), hosts.is_empty(), secrets.is_empty()] == [true; 3]
            && [files.is_empty(), programs.is_empty(), statements.is_empty()] == [true; 3]
    }
}

/// A file that functions read, with another content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct FileChange {
    /// The path.
    pub path: String,
    /// The way in which it changed.
    pub change: Change,
}

/// The entries that are only in one of two sets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changes<T> {
    /// The entries that are new.
    pub added: Vec<Used<T>>,
    /// The entries that are gone.
    pub removed: Vec<Used<T>>,
}

impl<T> Default for Changes<T> {
    fn default() -> Self {
        Self { added: Vec::new(), removed: Vec::new() }
    }
}

/// An entry, and the blocks that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Used<T> {
    /// The entry.
    #[serde(flatten)]
    pub one: T,
    /// The addresses of the blocks.
    pub blocks: Vec<String>,
}

impl<T: Ord + Clone> Changes<T> {
    /// Compares two sets.
    #[must_use]
    pub fn between(old: &BTreeMap<T, BTreeSet<String>>, new: &BTreeMap<T, BTreeSet<String>>) -> Self {
        let only = |these: &BTreeMap<T, BTreeSet<String>>, others: &BTreeMap<T, BTreeSet<String>>| {
            let only = these.iter().filter(|(one, _)| !others.contains_key(one));
            only.map(|(one, blocks)| Used { one: one.clone(), blocks: blocks.iter().cloned().collect() })
                .collect()
        };
        Self { added: only(new, old), removed: only(old, new) }
    }
}

impl<T> Changes<T> {
    /// Returns true if both sets are the same.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty()
    }
}

impl<T: Redact> Redact for Used<T> {
    fn redact(&mut self, secrets: &Secrets) {
        self.one.redact(secrets);
        self.blocks.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        T::samples(text).into_iter().map(|one| Self { one, blocks: vec![text.to_owned()] }).collect()
    }
}

impl<T: Redact> Redact for Changes<T> {
    fn redact(&mut self, secrets: &Secrets) {
        self.added.redact(secrets);
        self.removed.redact(secrets);
    }

    fn samples(text: &str) -> Vec<Self> {
        vec![Self { added: Used::samples(text), removed: Used::samples(text) }]
    }
}
