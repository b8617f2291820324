//! A place with keys, a signed plan and its signed runs.

use std::fs;
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{KeyPair, PKCS_ED25519};

use crate::support::{Place, Ran};

/// A runbook that changes a file, so that its runs need an approval.
pub const RUNBOOK: &str = r#"
step "echo" "a" {
  input = "hello"
}

step "file" "f" {
  path    = "out.txt"
  content = step.echo.a.output
}
"#;

/// Returns a place with the runbook, the key pair `key.pem` and `key.pub`, and another one, `other.pem` and `other.pub`.
pub fn place() -> Place {
    let place = Place::with(RUNBOOK);
    with_keys(&place);
    place
}

/// Writes the key pairs into a place.
pub fn with_keys(place: &Place) {
    for name in ["key", "other"] {
        let pair = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
        private(place, &format!("{name}.pem"), &as_openssl_writes(&pair));
        place.write(&format!("{name}.pub"), pair.public_key_pem());
    }
}

/// Returns a private key in PEM as OpenSSL writes it: PKCS#8 of version 1, without the public key.
fn as_openssl_writes(pair: &KeyPair) -> String {
    const HEAD: [u8; 16] = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];
    let seed = &pair.serialize_der()[HEAD.len()..][..32];
    let encoded = STANDARD.encode([&HEAD[..], seed].concat());
    format!("-----BEGIN PRIVATE KEY-----\n{encoded}\n-----END PRIVATE KEY-----\n")
}

/// Writes a file that only its user can read.
pub fn private(place: &Place, name: &str, content: &str) {
    place.write(name, content);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let private = fs::Permissions::from_mode(0o600);
        fs::set_permissions(place.path().join(name), private).expect("a mode");
    }
}

/// Saves and signs the plan `site.plan`.
pub fn plan(place: &Place) {
    ended(place.run(&["plan", "-out", "site.plan", "-sign", "key.pem"]), 0);
}

/// Runs the signed plan, and signs its record; returns the path of the record.
pub fn run(place: &Place) -> PathBuf {
    run_with(place, "key.pem")
}

/// Runs the signed plan, and signs its record with this key; returns the path of the record.
pub fn run_with(place: &Place, key: &str) -> PathBuf {
    let before = records(place);
    // The plan can run again, because the file is as it was then.
    let _ = fs::remove_file(place.path().join("out.txt"));
    let arguments = ["run", "site.plan", "-require-signature", "key.pub", "-sign", key, "-audit"];
    ended(place.run(&arguments), 0);
    let new = records(place).into_iter().find(|record| !before.contains(record));
    new.expect("a new record")
}

/// Returns the records of the place, oldest first.
pub fn records(place: &Place) -> Vec<PathBuf> {
    let entries = fs::read_dir(place.path().join(".arcbook/runs")).into_iter().flatten().flatten();
    let mut records: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    records.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    records.sort();
    records
}

/// Returns the path of the signature of a file.
pub fn signature(path: &std::path::Path) -> PathBuf {
    format!("{}.intoto.json", path.display()).into()
}

/// Returns an envelope with another payload, and otherwise the same.
pub fn with_payload(envelope: &str, change: impl Fn(&str) -> String) -> String {
    let mut json: serde_json::Value = serde_json::from_str(envelope).expect("an envelope");
    let payload = STANDARD.decode(json["payload"].as_str().expect("a payload")).expect("base64");
    let changed = change(&String::from_utf8(payload).expect("UTF-8"));
    json["payload"] = STANDARD.encode(changed).into();
    json.to_string()
}

/// Says loudly that a part cannot be tested here; on CI it must.
pub fn skip(why: &str) {
    use std::io::Write as _;
    assert!(std::env::var_os("CI").is_none(), "signatures cannot be compared here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: signatures beside {why} ***\n");
}

/// Asserts that a command ended with a code, and returns it.
pub fn ended(ran: Ran, code: i32) -> Ran {
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    ran
}
