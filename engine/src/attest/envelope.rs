//! Defines the DSSE envelope of a signed statement.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde::{Deserialize, Serialize};

use super::{AttestError, SigningKey, VerifyingKey};

/// The type of the payload: an in-toto Statement.
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// A signed payload (<https://github.com/secure-systems-lab/dsse>).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    payload: String,
    #[serde(rename = "payloadType")]
    payload_type: String,
    signatures: Vec<Signature>,
}

/// A signature of the payload and its type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Signature {
    /// A hint which key it is; nobody signed it, so nothing depends on it.
    #[serde(default)]
    keyid: String,
    sig: String,
}

impl Envelope {
    /// Signs a statement.
    #[must_use]
    pub fn sign(statement: &[u8], key: &SigningKey) -> Self {
        let sig = STANDARD.encode(key.sign(&pre_authentication(PAYLOAD_TYPE, statement)));
        Self {
            payload: STANDARD.encode(statement),
            payload_type: PAYLOAD_TYPE.to_owned(),
            signatures: vec![Signature { keyid: key.id().to_owned(), sig }],
        }
    }

    /// Reads an envelope. A member that is there twice is an error.
    pub fn read(bytes: &[u8]) -> Result<Self, AttestError> {
        serde_json::from_slice(bytes).map_err(|error| AttestError::Malformed(error.to_string()))
    }

    /// Returns the envelope as JSON text.
    #[must_use]
    pub fn text(&self) -> String {
        // Serialization cannot fail: an envelope holds strings.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    /// Returns the ids of the keys that the envelope names. Nobody signed them: only a check says which key it is.
    pub fn key_ids(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().map(|signature| signature.keyid.as_str()).filter(|id| !id.is_empty())
    }

    /// Returns the statement, whoever signed it.
    pub(super) fn payload(&self) -> Option<Vec<u8>> {
        decoded(&self.payload)
    }

    /// Returns the statement if one of the signatures is one of `key`.
    pub fn verify(&self, key: &VerifyingKey) -> Result<Vec<u8>, AttestError> {
        if self.payload_type != PAYLOAD_TYPE {
            return Err(AttestError::PayloadType(self.payload_type.clone()));
        }
        let payload = decoded(&self.payload).ok_or(AttestError::Encoding)?;
        let message = pre_authentication(&self.payload_type, &payload);
        let is_ours = |signature: &Signature| {
            decoded(&signature.sig).is_some_and(|signature| key.verify(&message, &signature))
        };
        if self.signatures.is_empty() {
            return Err(AttestError::Unsigned);
        }
        if self.signatures.iter().any(is_ours) { Ok(payload) } else { Err(AttestError::OtherKey) }
    }
}

/// Decodes base64 of either alphabet, as the specification demands.
fn decoded(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

/// Returns the bytes that are signed: the pre-authentication encoding.
fn pre_authentication(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_bytes_are_those_of_the_specification() {
        let bytes = pre_authentication("http://example.com/HelloWorld", b"hello world");
        assert_eq!(bytes, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }
}
