//! Chains the lines of a journal by their digests.

use std::fmt;

use sha2::Digest as _;

/// The SHA-256 of a line.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

/// The previous digest in the first line.
pub const GENESIS: Digest = Digest([0; 32]);

impl Digest {
    /// Returns the digest of a line, without its line feed.
    #[must_use]
    pub fn of(line: &[u8]) -> Self {
        Self(sha2::Sha256::digest(line).into())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
