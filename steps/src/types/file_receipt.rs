//! Writes and reads the facts about a changed file from which the change can be undone.

use arcbook_engine::step::Receipt;
use arcbook_engine::value::{Data, Entries, Value};
use sha2::{Digest as _, Sha256};

use crate::file::{Attributes, FileState};

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
        Some(state) => vec![("sha256", state.sha256.as_str().into())],
    };
    object(entries)
}

/// Returns the state of a file before a change, for the record: without the digest of a content that may be
/// secret.
pub(super) fn prior_state(state: &FileState, is_secret: bool) -> Value {
    let digest = (!is_secret && !state.is_private()).then(|| ("sha256", state.sha256.as_str().into()));
    let attributes = [
        ("mode", format!("{:04o}", state.mode).into()),
        ("user", i64::from(state.user).into()),
        ("group", i64::from(state.group).into()),
    ];
    object(digest.into_iter().chain(attributes))
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
    /// Returns the proof in a receipt; of an unconfirmed change, the one that its recorded arguments give.
    pub fn of(receipt: &Receipt) -> Option<Self> {
        if receipt.change.is_none() {
            let content = receipt.argument("content")?;
            return Some(Self::Content(format!("{:x}", Sha256::digest(content))));
        }
        let proof = receipt.proof.as_ref().and_then(entries);
        let text = |name: &str| proof.and_then(|proof| proof.get(name)).and_then(Value::as_str);
        match (text("sha256").or_else(|| receipt.output("sha256")), text("inode"), text("modified")) {
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
    /// The digest of its content, if it is recorded.
    pub sha256: Option<String>,
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
        let sha256 = prior.get("sha256").and_then(Value::as_str).map(str::to_owned);
        Some(Self { sha256, attributes: Attributes { mode, user: id("user"), group: id("group") } })
    }
}
