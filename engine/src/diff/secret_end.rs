//! Finds where secrets end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::meaning::{BlockForm, BlockKind};
use super::renames::Renames;
use crate::plan::{Listing, SecretPath, shape};
use crate::redact::Redact;

/// The way of a secret from where it comes from to where it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct SecretEnd {
    /// The origin: a part of a step, a variable, or `the runbook itself`; or a value that the runbook declares not to be
    /// secret, as `nonsensitive(…)`. Instances of one block are one.
    pub from: String,
    /// The end: an argument of a step or an identity, or an output.
    pub to: String,
    /// The place where the secret is then, in words, such as a file with its mode; empty if it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub place: String,
}

/// Returns the ends of the values that a runbook declares not to be secret, with `nonsensitive`.
pub(super) fn revealed(blocks: &[BlockForm], renames: &Renames) -> BTreeMap<SecretEnd, BTreeSet<String>> {
    let mut ends: BTreeMap<SecretEnd, BTreeSet<String>> = BTreeMap::new();
    for block in blocks {
        let address = renames.now(&block.address);
        for (value, part) in block.reveals(renames) {
            let to = if block.kind == BlockKind::Output {
                address.to_owned()
            } else {
                format!("{address}.{part}")
            };
            let end = SecretEnd { from: format!("nonsensitive({value})"), to, place: String::new() };
            ends.entry(end).or_default().insert(address.to_owned());
        }
    }
    ends
}

/// Returns the ends of all secrets, each with the blocks that it belongs to.
#[must_use]
pub fn secret_ends(listing: &Listing) -> BTreeMap<SecretEnd, BTreeSet<String>> {
    let mut ends: BTreeMap<SecretEnd, BTreeSet<String>> = BTreeMap::new();
    for SecretPath { source, end, .. } in &listing.secret_paths {
        let block = shape(&end.address);
        let to = match &end.argument {
            Some(argument) => format!("{block}.{}", shape(argument)),
            None => block.clone(),
        };
        let end = SecretEnd { from: shape(&source.origin), to, place: end.place.words() };
        ends.entry(end).or_default().insert(block);
    }
    ends
}
