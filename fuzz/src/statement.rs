use arcbook_engine::attest::{Envelope, SigningKey, VerifyingKey, check_record};
use sha2::{Digest as _, Sha256};

/// The bytes of a private key that everybody has, and of its public part.
const KEY: &str = "MC4CAQAwBQYDK2VwBCIEIAEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEB";
const PUBLIC: &str = "MCowBQYDK2VwAyEAiojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=";

/// The record that the statement is about.
const RECORD: &[u8] = b"{\"event\":\"run_started\"}\n";

/// The word in the place of the digest of the record, which no generated input would guess.
const DIGEST: &str = "$SHA256";

/// Fuzzes in-toto statements under a signature that holds: reading ends, and no statement agrees with a record that is none.
pub fn statement(input: &[u8]) {
    let pem = |kind: &str, base64: &str| format!("-----BEGIN {kind}-----\n{base64}\n-----END {kind}-----\n");
    let key = SigningKey::read(pem("PRIVATE KEY", KEY).as_bytes()).expect("a key");
    let public = VerifyingKey::read(pem("PUBLIC KEY", PUBLIC).as_bytes()).expect("its public part");
    assert_eq!(key.id(), public.id());
    let statement = String::from_utf8_lossy(input).replace(DIGEST, &format!("{:x}", Sha256::digest(RECORD)));
    let envelope = Envelope::sign(statement.as_bytes(), &key);
    let text = envelope.text();
    assert_eq!(envelope.verify(&public).ok().as_deref(), Some(statement.as_bytes()));
    assert!(check_record(text.as_bytes(), RECORD, &public).is_err(), "the record has no run");
}
