//! Defines the end of a record, by which another one names it.

use serde::{Deserialize, Serialize};

/// The last complete line of a record that no other record named at that time.
///
/// A new record names all heads, so a record that is missing later is missed by the one that names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The name of the record.
    pub run: String,
    /// The SHA-256 of its last complete line, in hexadecimal.
    pub sha256: String,
    /// True if the run had not ended, so that its record may have grown since.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}
