//! Says what is known about the signature of a file.

use crate::layout::{Ink, Page, Row};
use crate::step::shortened;

/// A file that may be signed.
pub struct SignedFile {
    /// The file in words, such as `the record`.
    pub name: &'static str,
    /// Its signature.
    pub signature: Signature,
    /// The command that checks it.
    pub check: String,
}

/// The signature of a file.
pub enum Signature {
    /// There is none beside the file.
    Missing,
    /// There is one beside the file, and no key was given to check it.
    Unchecked {
        /// The ids of the keys that it names.
        keys: Vec<String>,
    },
    /// It holds.
    Holds {
        /// The id of the key.
        key: String,
    },
    /// There is none beside the file, although a key was given to check it.
    Lacking,
    /// It does not hold.
    Wrong {
        /// The reason.
        reason: String,
    },
}

impl SignedFile {
    /// Returns true if the signature was checked, and holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        matches!(self.signature, Signature::Holds { .. })
    }

    fn row(&self) -> (Ink, String) {
        let Self { name, signature, check } = self;
        match signature {
            Signature::Missing => (Ink::Plain, format!("{name}: no signature file is beside it")),
            Signature::Unchecked { keys } => {
                let keys: Vec<String> = keys.iter().map(|key| shortened(key)).collect();
                let by =
                    if keys.is_empty() { String::new() } else { format!(" by the key {}", keys.join(", ")) };
                (
                    Ink::Yellow,
                    format!("{name}: a signature{by} is beside it, not checked: `{check}` checks it"),
                )
            }
            Signature::Holds { key } => (Ink::Green, format!("{name}: the signature by the key {key} holds")),
            Signature::Lacking => {
                (Ink::Red, format!("{name}: it is not signed, because no signature file is beside it"))
            }
            Signature::Wrong { reason } => {
                (Ink::Red, format!("{name}: the signature does not hold: {reason}"))
            }
        }
    }
}

/// Writes the signatures of some files.
pub fn write(page: &mut Page, files: &[SignedFile]) {
    let symbol = |ink| match ink {
        Ink::Green => "ok",
        Ink::Red => "error",
        Ink::Yellow => "warning",
        Ink::Plain | Ink::Bold => "",
    };
    let row = |file: &SignedFile| {
        let (ink, text) = file.row();
        Row { symbol: symbol(ink), cells: vec![text] }
    };
    page.table("Signatures", &files.iter().map(row).collect::<Vec<_>>());
}
