//! Seals secrets: converts them to a form that allows only comparison.

use std::fmt::{self, Write};

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::value::Value;

/// The bcrypt cost of one guess at a sealed value: a few milliseconds.
const COST: u32 = 6;

/// The random salt of the seals of one run, so that seals of two runs cannot be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Salt([u8; 16]);

impl Salt {
    /// Returns a random salt.
    #[must_use]
    pub fn random() -> Self {
        Self(*Uuid::new_v4().as_bytes())
    }

    /// Parses the output of `Display`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(|uuid| Self(*uuid.as_bytes()))
    }

    /// Returns a text that is equal for equal values and reveals nothing else, short of guessing the value;
    /// none for an unknown value.
    ///
    /// The seal is bcrypt of the SHA-256, in hexadecimal, of the value as JSON.
    #[must_use]
    pub fn seal(&self, value: &Value) -> Option<String> {
        let digest = Sha256::digest(value.to_json_text().ok()?);
        Some(self.seal_digest(&hexadecimal(&digest)))
    }

    /// Returns the seal of data with this SHA-256, in hexadecimal.
    #[must_use]
    pub fn seal_digest(&self, digest: &str) -> String {
        hexadecimal(&bcrypt::bcrypt(COST, self.0, digest.as_bytes()))
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl fmt::Display for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hexadecimal(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_compares_and_tells_nothing() {
        let (salt, other) = (Salt::random(), Salt::random());
        let seal = |salt: Salt, text: &str| salt.seal(&Value::from(text)).expect("known");
        assert_eq!(Salt::parse(&salt.to_string()), Some(salt));
        assert_eq!(seal(salt, "hunter2"), seal(salt, "hunter2"));
        assert_ne!(seal(salt, "hunter2"), seal(salt, "hunter3"));
        assert_ne!(seal(salt, "hunter2"), seal(other, "hunter2"));
        assert_eq!(seal(salt, "hunter2").len(), 48);
    }
}
