//! The certificate of an application, with its private key.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p12_keystore::Pkcs12Archive;
use pkcs8::EncryptedPrivateKeyInfoRef;
use ring::error::{KeyRejected, Unspecified};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PSS_SHA256, RsaKeyPair};
use sha2::{Digest as _, Sha256};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use arcbook_engine::source::pem;

/// The largest file that is read, in bytes: a certificate with its chain and its key has some thousand.
pub(super) const LARGEST: u64 = 256 * 1024;

/// A certificate with the private key that signs for it; it has no `Debug`.
pub(super) struct Certificate {
    key: RsaKeyPair,
    /// The certificate, and those of its issuers that came with it, in DER.
    chain: Vec<Vec<u8>>,
    /// The end of its validity, in seconds since 1970.
    pub ends: i64,
}

/// The reason why a certificate cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum CertificateError {
    #[error("it is neither PEM nor PFX (PKCS#12)")]
    Malformed,
    #[error("its password is wrong, or it is not a whole PFX file")]
    Password,
    #[error("its private key is encrypted: `password` must be given")]
    Encrypted,
    #[error("its private key is encrypted in an old form: convert it with `openssl pkcs8 -topk8`")]
    Legacy,
    #[error("it has no private key: the file must contain the certificate and its key")]
    NoKey,
    #[error("it has no certificate: the file must contain the certificate and its key")]
    NoCertificate,
    #[error("none of its certificates is that of its private key")]
    Mismatch,
    #[error("its key is not an RSA key of 2048 to 4096 bits, which Entra accepts")]
    NotRsa,
}

/// A private key in one of its forms.
enum Key {
    Pkcs8(Vec<u8>),
    Rsa(Vec<u8>),
}

impl Certificate {
    /// Reads PEM, PFX, or PFX in base64.
    pub fn read(content: &[u8], password: Option<&str>) -> Result<Self, CertificateError> {
        if pem::is_pem(content) {
            let text = std::str::from_utf8(content).map_err(|_| CertificateError::Malformed)?;
            return Self::of_pem(text, password);
        }
        let encoded: Vec<u8> = content.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        match STANDARD.decode(encoded) {
            Ok(content) if !content.is_empty() => Self::of_pfx(&content, password),
            _ => Self::of_pfx(content, password),
        }
    }

    fn of_pem(text: &str, password: Option<&str>) -> Result<Self, CertificateError> {
        let (mut key, mut chain) = (None, Vec::new());
        for section in pem::sections(text).ok_or(CertificateError::Malformed)? {
            if section.is_legacy {
                return Err(CertificateError::Legacy);
            }
            match section.kind.as_str() {
                "CERTIFICATE" => chain.push(section.content),
                "PRIVATE KEY" => key = Some(Key::Pkcs8(section.content)),
                "RSA PRIVATE KEY" => key = Some(Key::Rsa(section.content)),
                "ENCRYPTED PRIVATE KEY" => key = Some(Key::Pkcs8(decrypted(&section.content, password)?)),
                "EC PRIVATE KEY" => return Err(CertificateError::NotRsa),
                _ => {}
            }
        }
        Self::of(&key.ok_or(CertificateError::NoKey)?, chain)
    }

    fn of_pfx(content: &[u8], password: Option<&str>) -> Result<Self, CertificateError> {
        // Every PFX file is one DER sequence.
        if content.first() != Some(&0x30) {
            return Err(CertificateError::Malformed);
        }
        let archive = Pkcs12Archive::from_pkcs12(content, password.unwrap_or_default())
            .map_err(|_| CertificateError::Password)?;
        let key = archive.keys.first().ok_or(CertificateError::NoKey)?;
        let chain = archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect();
        Self::of(&Key::Pkcs8(key.key.as_der().to_vec()), chain)
    }

    /// Puts the certificate of the key first.
    fn of(key: &Key, mut chain: Vec<Vec<u8>>) -> Result<Self, CertificateError> {
        let key = match key {
            Key::Pkcs8(der) => RsaKeyPair::from_pkcs8(der),
            Key::Rsa(der) => RsaKeyPair::from_der(der),
        };
        let key = key.map_err(|_: KeyRejected| CertificateError::NotRsa)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let own = chain.iter().position(|der| is_of(der, &key)).ok_or(CertificateError::Mismatch)?;
        chain.swap(0, own);
        let (_, leaf) = X509Certificate::from_der(&chain[0]).map_err(|_| CertificateError::Malformed)?;
        let ends = leaf.validity().not_after.timestamp();
        Ok(Self { key, chain, ends })
    }

    /// Returns the SHA-256 of the certificate, as a JSON Web Token names it.
    pub fn thumbprint(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.chain[0]))
    }

    /// Returns the certificates in base64, that of the key first.
    pub fn chain(&self) -> Vec<String> {
        self.chain.iter().map(|der| STANDARD.encode(der)).collect()
    }

    /// Signs `message` with RSA-PSS and SHA-256.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut signature)?;
        Ok(signature)
    }
}

/// Returns whether a certificate is that of the key.
fn is_of(der: &[u8], key: &RsaKeyPair) -> bool {
    X509Certificate::from_der(der)
        .is_ok_and(|(_, own)| own.public_key().subject_public_key.data.as_ref() == key.public().as_ref())
}

fn decrypted(der: &[u8], password: Option<&str>) -> Result<Vec<u8>, CertificateError> {
    let password = password.ok_or(CertificateError::Encrypted)?;
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| CertificateError::Malformed)?;
    let key = info.decrypt(password).map_err(|_| CertificateError::Password)?;
    Ok(key.as_bytes().to_vec())
}

#[cfg(test)]
mod tests;
