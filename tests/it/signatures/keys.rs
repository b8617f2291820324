//! Keys, and files that are none.

use std::fs;
use std::process::Command;

use super::support::{ended, place, plan, private, skip};
use crate::support::Place;

#[test]
fn wrong_keys_have_a_reason_and_are_never_shown() {
    let place = place();
    let key = fs::read_to_string(place.path().join("key.pem")).expect("a key");
    let secret: Vec<&str> = key.lines().filter(|line| !line.starts_with('-')).collect();
    private(&place, "no.pem", "hunter2-is-no-key");
    private(&place, "two.pem", &format!("{key}{key}"));
    private(&place, "cut.pem", &key[..key.len() / 2]);
    let as_kind = |kind: &str| key.replace("PRIVATE KEY", kind);
    private(&place, "encrypted.pem", &as_kind("ENCRYPTED PRIVATE KEY"));
    private(&place, "rsa.pem", &as_kind("RSA PRIVATE KEY"));
    private(&place, "garbled.pem", &key.replace(secret[0], "AAAA"));
    for (name, reason) in [
        ("no.pem", "it is not a key in PEM"),
        ("cut.pem", "it is not a key in PEM"),
        ("two.pem", "it has several keys"),
        ("encrypted.pem", "it is encrypted"),
        ("rsa.pem", "it is not an Ed25519 key"),
        ("garbled.pem", "it is not an Ed25519 key"),
        ("key.pub", "it is a public key"),
        ("missing.pem", "cannot be read"),
        ("credential:signer", "there is no credential `signer`"),
        ("credential:../signer", "there is no credential `../signer`"),
    ] {
        if name == "key.pub" {
            let text = fs::read_to_string(place.path().join(name)).expect("a key");
            private(&place, name, &text);
        }
        let ran = place.run(&["plan", "-out", "x.plan", "-sign", name]);
        assert_eq!(ran.code, Some(3), "{name}: {}", ran.seen());
        assert!(ran.err.contains(reason), "{name}: {}", ran.seen());
        assert!(!ran.seen().contains("hunter2") && !ran.seen().contains(secret[0]), "{}", ran.seen());
        assert!(!place.path().join("x.plan").exists(), "{name}: a plan that was to be signed");
    }
    ended(place.run(&["plan", "-sign", "key.pem"]), 3);
    for (name, reason) in [("key.pem", "it is a private key"), ("no.pem", "it is not a key in PEM")] {
        let ran = ended(place.run(&["verify", "-key", name]), 3);
        assert!(ran.err.contains(reason), "{name}: {}", ran.seen());
    }
}

#[cfg(unix)]
#[test]
fn a_key_that_others_can_read_is_refused() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = place();
    for mode in [0o644, 0o640, 0o604] {
        let open = fs::Permissions::from_mode(mode);
        fs::set_permissions(place.path().join("key.pem"), open).expect("a mode");
        let ran = place.run(&["plan", "-out", "x.plan", "-sign", "key.pem"]);
        assert_ne!(ran.code, Some(0), "{}", ran.seen());
        assert!(
            ran.err.contains("can be read by other users") && ran.err.contains("chmod 600 key.pem"),
            "{}",
            ran.seen()
        );
        assert!(!place.path().join("x.plan").exists());
    }
}

#[test]
fn a_credential_of_systemd_signs() {
    let place = place();
    let directory = place.path().join("credentials");
    fs::create_dir(&directory).expect("a directory");
    fs::copy(place.path().join("key.pem"), directory.join("signer")).expect("copied");
    let mut command = place.command(&["plan", "-out", "site.plan", "-sign", "credential:signer"]);
    let output = command.env("CREDENTIALS_DIRECTORY", &directory).output().expect("the program");
    assert!(output.status.success(), "{output:?}");
    ended(place.run(&["verify", "-key", "key.pub", "site.plan"]), 0);
}

/// The keys that OpenSSL writes are the ones that people have.
#[test]
fn keys_of_openssl_sign_and_verify() {
    let place = place();
    if let Err(why) = openssl(&place, "genpkey -algorithm ed25519 -out key.pem") {
        return skip(&format!("openssl: {why}"));
    }
    openssl(&place, "pkey -in key.pem -pubout -out key.pub").expect("a public key");
    let key = fs::read_to_string(place.path().join("key.pem")).expect("a key");
    private(&place, "key.pem", &key);
    plan(&place);
    ended(place.run(&["verify", "-key", "key.pub", "site.plan"]), 0);
    openssl(&place, "genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 -out rsa.pem").expect("a key");
    openssl(&place, "pkey -in rsa.pem -pubout -out rsa.pub").expect("a public key");
    openssl(&place, "pkcs8 -topk8 -in key.pem -passout pass:x -out encrypted.pem").expect("a key");
    for (name, reason) in [("rsa.pem", "it is not an Ed25519 key"), ("encrypted.pem", "it is encrypted")] {
        let key = fs::read_to_string(place.path().join(name)).expect("a key");
        private(&place, name, &key);
        let ran = place.run(&["plan", "-out", "site.plan", "-sign", name]);
        assert!(ran.code != Some(0) && ran.err.contains(reason), "{name}: {}", ran.seen());
    }
    ended(place.run(&["verify", "-key", "rsa.pub", "site.plan"]), 3);
}

fn openssl(place: &Place, arguments: &str) -> Result<(), String> {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(place.path()).output();
    match output {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(error.to_string()),
    }
}
