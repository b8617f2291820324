use arcbook_engine::attest::{Envelope, SigningKey, VerifyingKey};

/// A public key whose private key nobody has.
const NOBODY: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA8eoi1L1JR17l5mNKQB+FVsACMVNYPCqylS4IVoA9YCQ=\n-----END PUBLIC KEY-----\n";

/// Fuzzes keys and signatures: reading ends, an envelope reads back as it was written, and nothing is signed by nobody.
pub fn signature(input: &[u8]) {
    if let Ok(key) = VerifyingKey::read(input) {
        assert_eq!(key.id().len(), 64);
    }
    drop(SigningKey::read(input).map(|key| key.sign(input)));
    let nobody = VerifyingKey::read(NOBODY.as_bytes()).expect("a key");
    if let Ok(envelope) = Envelope::read(input) {
        assert!(envelope.verify(&nobody).is_err());
        assert_eq!(Envelope::read(envelope.text().as_bytes()).ok(), Some(envelope));
    }
}
