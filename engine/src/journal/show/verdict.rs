//! Describes whether a record is whole.

use crate::journal::{Digest, Verdict};

/// Describes the verdict about a record, whose last intact line has the digest `head`.
pub fn told(verdict: &Verdict, head: &Digest) -> String {
    match verdict {
        Verdict::Complete => format!("The record is complete; its sha256 is {head}."),
        Verdict::Unfinished => "The run has not ended: it is still running, or it was killed.".to_owned(),
        Verdict::Torn => "The last line is cut off: the run was killed while writing it.".to_owned(),
        Verdict::Broken { line, reason } => format!("The record was changed: line {line}: {reason}."),
        Verdict::Unreadable { line, reason } => {
            format!("Line {line} of the record cannot be read: {reason}.")
        }
    }
}
