//! Writes and reads the facts about a changed file from which the change can be undone.

use std::sync::Arc;

use arcbook_engine::step::Receipt;
use arcbook_engine::value::{Data, Entries, Value};

use crate::file::{Attributes, FileIdentity, FileState};

/// The proof that a file is still the one that a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// The digest of its content.
    Content(String),
    /// Its number and the time of its last modification, since a digest of short content reveals a secret.
    Identity { inode: String, modified: String },
    /// There is no file.
    Absent,
}

/// Returns the proof of a change that left a file in this state, for the record.
pub(super) fn proof(state: Option<&FileState>, is_secret: bool) -> Value {
    let entries = match state {
        None => vec![("absent", Value::from(true))],
        Some(state) if is_secret => {
            vec![("inode", state.inode.to_string().into()), ("modified", state.modified.to_string().into())]
        }
        Some(state) => return proof_of_content(&state.sha256),
    };
    object(entries)
}

/// Returns the proof of a change that leaves a content with this digest.
pub(super) fn proof_of_content(sha256: &str) -> Value {
    object([("sha256", sha256.into())])
}

/// Returns the proof of a change that left this file, whose content may be secret.
pub(super) fn proof_of_identity(file: &FileIdentity) -> Value {
    object([("inode", file.inode.to_string().into()), ("modified", file.modified.to_string().into())])
}

/// Returns the state of a file before a change, for the record: without the digest of a content that may be
/// secret.
pub(super) fn prior_state(state: &FileState, is_secret: bool) -> Value {
    let proof = proof(Some(state), is_secret || state.is_private());
    let proof = entries(&proof).cloned().unwrap_or_default();
    let attributes = [
        ("mode", format!("{:04o}", state.mode).into()),
        ("user", i64::from(state.user).into()),
        ("group", i64::from(state.group).into()),
    ];
    Value::object(proof.into_iter().chain(attributes.map(|(name, value)| (Arc::from(name), value))))
}

fn object(entries: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    Value::object(entries)
}

/// Returns the entries of an object; a record gives it back as an object or as a map.
fn entries(value: &Value) -> Option<&Entries> {
    match value.data() {
        Data::Object(entries) | Data::Map(_, entries) => Some(entries),
        _ => None,
    }
}

impl Proof {
    /// Returns the proof in a receipt.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let proof = receipt.proof.as_ref().and_then(entries);
        Self::read(proof, receipt.output("sha256"))
    }

    /// Returns the proof in the entries of a record, or the one that an output gives.
    fn read(proof: Option<&Entries>, output: Option<&str>) -> Option<Self> {
        let text = |name: &str| proof.and_then(|proof| proof.get(name)).and_then(Value::as_str);
        match (text("sha256").or(output), text("inode"), text("modified")) {
            (Some(sha256), ..) => Some(Self::Content(sha256.to_owned())),
            (_, Some(inode), Some(modified)) => {
                Some(Self::Identity { inode: inode.to_owned(), modified: modified.to_owned() })
            }
            _ => proof.and_then(|proof| proof.get("absent")).map(|_| Self::Absent),
        }
    }

    /// Returns true if the run left the file in this state.
    pub fn holds(&self, state: Option<&FileState>) -> bool {
        match (self, state) {
            (Self::Absent, None) => true,
            (Self::Content(sha256), Some(state)) => state.sha256 == *sha256,
            (Self::Identity { inode, modified }, Some(state)) => {
                state.inode.to_string() == *inode && state.modified.to_string() == *modified
            }
            _ => false,
        }
    }
}

/// The state of a file before a change, from a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Earlier {
    /// The proof that a file is this one, if it is recorded.
    pub proof: Option<Proof>,
    /// Its mode and ownership.
    pub attributes: Attributes,
}

impl Earlier {
    /// Returns the prior state in a receipt.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        let prior = entries(receipt.prior.as_ref()?)?;
        let id = |name: &str| match prior.get(name)?.data() {
            Data::Number(number) => u32::try_from(number.to_i64()?).ok(),
            _ => None,
        };
        let mode = u32::from_str_radix(prior.get("mode")?.as_str()?, 8).ok()?;
        let proof = Proof::read(Some(prior), None);
        Some(Self { proof, attributes: Attributes { mode, user: id("user"), group: id("group") } })
    }
}
