//! Finds where secrets end.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::meaning::{BlockForm, BlockKind};
use super::renames::Renames;
use crate::plan::{ListedStep, ListedWhen, Listing, shape};
use crate::redact::Redact;

/// The way of a secret from where it comes from to where it ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct SecretEnd {
    /// The origin: a part of a step, a variable, or `the runbook itself`; or a value that the runbook declares not to be
    /// secret, as `nonsensitive(…)`. Instances of one block are one.
    pub from: String,
    /// The end: an argument of a step or an identity, or an output.
    pub to: String,
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
            let end = SecretEnd { from: format!("nonsensitive({value})"), to };
            ends.entry(end).or_default().insert(address.to_owned());
        }
    }
    ends
}

/// Returns the ends of all secrets, each with the blocks that it belongs to.
#[must_use]
pub fn secret_ends(listing: &Listing) -> BTreeMap<SecretEnd, BTreeSet<String>> {
    let mut ends: BTreeMap<SecretEnd, BTreeSet<String>> = BTreeMap::new();
    let mut add = |block: &str, to: String, origins: &[String]| {
        for origin in origins {
            let end = SecretEnd { from: shape(origin), to: to.clone() };
            ends.entry(end).or_default().insert(shape(block));
        }
    };
    let runs = |step: &&ListedStep| step.when != ListedWhen::Decided(false);
    let steps = listing.steps.iter().filter(runs).map(|step| (&step.address, &step.secrets));
    let identities = listing.identities.iter().map(|identity| (&identity.address, &identity.secrets));
    for (address, secrets) in steps.chain(identities) {
        for (argument, origins) in secrets {
            add(address, format!("{}.{argument}", shape(address)), origins);
        }
    }
    for (name, origins) in &listing.output_secrets {
        let output = format!("output.{name}");
        add(&output, output.clone(), origins);
    }
    ends
}
