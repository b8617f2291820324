//! Defines the form of a block.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Form;
use crate::diff::renames::Renames;
use crate::redact::Redact;

/// The kind of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum BlockKind {
    /// A step.
    Step,
    /// The use of a module.
    Module,
    /// An identity.
    Identity,
    /// A variable.
    Variable,
    /// An output.
    Output,
    /// A check.
    Check,
    /// The settings of the runbook.
    Runbook,
}

/// The form of a block: everything in it that has a meaning.
#[derive(Clone, Debug)]
pub struct BlockForm {
    /// The kind.
    pub kind: BlockKind,
    /// The address, without instance keys.
    pub address: String,
    /// The parts by their names: arguments, and settings such as `when` and `retry.attempts`.
    pub parts: BTreeMap<String, Form>,
    /// True if only other blocks of the same runbook see its name.
    pub is_inner: bool,
}

impl BlockForm {
    /// Returns the text by which the block is compared with others of its kind, without its name.
    pub fn key(&self, renames: &Renames) -> String {
        let mut key = self.group();
        for (name, form) in &self.parts {
            key.extend(["\u{3}", name, "\u{4}", &form.key(renames)]);
        }
        key
    }

    /// Returns the values that the block declares not to be secret: each as it is shown, and the part that has it.
    pub fn reveals<'a>(&'a self, renames: &'a Renames) -> impl Iterator<Item = (String, &'a str)> {
        let of_part = move |(name, form): (&'a String, &'a Form)| {
            form.reveals().iter().map(move |value| (value.shown(renames), name.as_str()))
        };
        self.parts.iter().flat_map(of_part)
    }

    /// Returns the kind and the type: blocks of different groups cannot be the same one with another name.
    fn group(&self) -> String {
        let path = self.address.rsplit_once('.').map_or("", |(path, _)| path);
        let ty = match self.kind {
            BlockKind::Step | BlockKind::Identity => path.rsplit_once('.').map_or(path, |(_, ty)| ty),
            _ => "",
        };
        format!("{:?} {ty}", self.kind)
    }
}
