//! Reads Ed25519 keys.

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

use crate::source::pem::{self, Section};

/// The beginning of an Ed25519 public key in DER (RFC 8410); the 32 bytes of the key follow it.
const SPKI: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// The private key of a signer; it has no `Debug`.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    id: String,
}

/// The public key of a signer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyingKey {
    point: [u8; 32],
    id: String,
}

/// The reason why a file is not the needed key. No message quotes the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The file is not PEM. Name a file that begins with `-----BEGIN`.
    #[error("it is not a key in PEM")]
    NotPem,
    /// The file has several keys. Name a file with one.
    #[error("it has several keys")]
    Several,
    /// The private key is encrypted. Decrypt it: `openssl pkey -in KEY -out NEW`.
    #[error("it is encrypted, and arcbook asks for no password")]
    Encrypted,
    /// The file has a public key in place of a private one. Name the other file of the pair.
    #[error("it is a public key, and a private one is needed to sign")]
    Public,
    /// The file has a private key in place of a public one. Name the other file of the pair.
    #[error("it is a private key, and the public one is needed to verify")]
    Private,
    /// The key is one of another algorithm. Make an Ed25519 key.
    #[error("it is not an Ed25519 key")]
    Algorithm,
}

impl SigningKey {
    /// Reads a private key: PKCS#8 in PEM, as `openssl genpkey -algorithm ed25519` writes it.
    pub fn read(text: &[u8]) -> Result<Self, KeyError> {
        let section = section(text)?;
        match section.kind.as_str() {
            _ if section.is_legacy => Err(KeyError::Encrypted),
            "ENCRYPTED PRIVATE KEY" => Err(KeyError::Encrypted),
            "PUBLIC KEY" | "CERTIFICATE" => Err(KeyError::Public),
            "PRIVATE KEY" => {
                let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&section.content);
                let pair = pair.map_err(|_| KeyError::Algorithm)?;
                let id = id_of(pair.public_key().as_ref());
                Ok(Self { pair, id })
            }
            _ => Err(KeyError::Algorithm),
        }
    }

    /// Returns the id of the key: the SHA-256 of its public key in DER, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the signature of a message.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(message).as_ref().to_vec()
    }
}

impl VerifyingKey {
    /// Reads a public key in PEM, as `openssl pkey -pubout` writes it.
    pub fn read(text: &[u8]) -> Result<Self, KeyError> {
        let section = section(text)?;
        match section.kind.as_str() {
            "PUBLIC KEY" => {
                let point = section.content.strip_prefix(&SPKI).and_then(|point| point.try_into().ok());
                let point: [u8; 32] = point.ok_or(KeyError::Algorithm)?;
                Ok(Self { id: id_of(&point), point })
            }
            kind if kind.ends_with("PRIVATE KEY") => Err(KeyError::Private),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// Returns the id of the key: the SHA-256 of its DER, in hexadecimal.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns true if the signature of a message is one of this key.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.point).verify(message, signature).is_ok()
    }
}

/// Returns the only document of a PEM text.
fn section(text: &[u8]) -> Result<Section, KeyError> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::NotPem)?;
    let mut sections = pem::sections(text).ok_or(KeyError::NotPem)?;
    match sections.len() {
        0 => Err(KeyError::NotPem),
        1 => Ok(sections.remove(0)),
        _ => Err(KeyError::Several),
    }
}

fn id_of(point: &[u8]) -> String {
    format!("{:x}", Sha256::new().chain_update(SPKI).chain_update(point).finalize())
}
