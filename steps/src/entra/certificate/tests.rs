//! Certificates in all forms, made by OpenSSL.

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use ring::signature::{RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
use serde_json::Value;
use tempfile::TempDir;

use super::super::assertion::assertion;
use super::*;

/// Returns whether OpenSSL is installed, and says so if it is not.
fn has_openssl(test: &str) -> bool {
    let is_there =
        Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        assert!(std::env::var_os("CI").is_none(), "{test}: it takes openssl");
        // The macro `eprintln!` is captured in a test that passes.
        drop(writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: it takes openssl ***\n"));
    }
    is_there
}

/// Runs OpenSSL in `dir`.
fn openssl(dir: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split_whitespace()).current_dir(dir).output();
    let output = output.expect("openssl is installed");
    assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Returns a directory with a certificate, its key, and other keys and certificates.
fn directory() -> &'static Path {
    static DIRECTORY: OnceLock<TempDir> = OnceLock::new();
    let made = DIRECTORY.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let new = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj";
        openssl(dir.path(), &format!("{new} /CN=own -keyout key.pem -out cert.pem"));
        openssl(dir.path(), &format!("{new} /CN=other -keyout other-key.pem -out other.pem"));
        openssl(
            dir.path(),
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=ec -keyout ec-key.pem -out ec.pem",
        );
        openssl(dir.path(), "genrsa -out short-key.pem 1024");
        openssl(dir.path(), "rsa -in key.pem -traditional -out rsa.pem");
        openssl(dir.path(), "rsa -in key.pem -traditional -aes128 -passout pass:hunter2 -out legacy.pem");
        openssl(dir.path(), "pkcs8 -topk8 -in key.pem -passout pass:hunter2 -out encrypted.pem");
        openssl(
            dir.path(),
            "pkcs8 -topk8 -v2prf hmacWithSHA1 -in key.pem -passout pass:hunter2 -out encrypted-sha1.pem",
        );
        let export = "pkcs12 -export -inkey key.pem -in cert.pem -passout";
        openssl(dir.path(), &format!("{export} pass:hunter2 -certfile other.pem -out new.pfx"));
        openssl(dir.path(), &format!("{export} pass: -out open.pfx"));
        openssl(dir.path(), &format!("{export} pass:hunter2 -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -macalg sha1 -out old.pfx"));
        openssl(dir.path(), "pkcs12 -export -nokeys -in cert.pem -passout pass:hunter2 -out no-key.pfx");
        dir
    });
    made.path()
}

/// Returns the contents of these files, one after the other.
fn files(names: &[&str]) -> Vec<u8> {
    names.iter().flat_map(|name| std::fs::read(directory().join(name)).unwrap()).collect()
}

fn certificate() -> Certificate {
    Certificate::read(&files(&["key.pem", "cert.pem"]), None).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn every_form_is_read() {
    if !has_openssl("certificates in all forms") {
        return;
    }
    for (names, password, expected) in [
        (&["cert.pem", "key.pem"][..], None, None),
        (&["key.pem", "cert.pem"], None, None),
        (&["key.pem", "other.pem", "cert.pem"], None, None),
        (&["rsa.pem", "cert.pem"], None, None),
        (&["encrypted.pem", "cert.pem"], Some("hunter2"), None),
        (&["encrypted-sha1.pem", "cert.pem"], Some("hunter2"), None),
        (&["new.pfx"], Some("hunter2"), None),
        (&["old.pfx"], Some("hunter2"), None),
        (&["open.pfx"], None, None),
        (&["encrypted.pem", "cert.pem"], None, Some(CertificateError::Encrypted)),
        (&["encrypted.pem", "cert.pem"], Some("wrong"), Some(CertificateError::Password)),
        (&["legacy.pem", "cert.pem"], Some("hunter2"), Some(CertificateError::Legacy)),
        (&["new.pfx"], Some("wrong"), Some(CertificateError::Password)),
        (&["new.pfx"], None, Some(CertificateError::Password)),
        (&["no-key.pfx"], Some("hunter2"), Some(CertificateError::NoKey)),
        (&["cert.pem"], None, Some(CertificateError::NoKey)),
        (&["key.pem"], None, Some(CertificateError::NoCertificate)),
        (&["key.pem", "other.pem"], None, Some(CertificateError::Mismatch)),
        (&["ec-key.pem", "ec.pem"], None, Some(CertificateError::NotRsa)),
        (&["short-key.pem", "cert.pem"], None, Some(CertificateError::NotRsa)),
        (&[], None, Some(CertificateError::Malformed)),
    ] {
        let read = Certificate::read(&files(names), password);
        assert_eq!(read.as_ref().err(), expected.as_ref(), "{names:?}");
        if let Ok(read) = read {
            assert_eq!(read.thumbprint(), certificate().thumbprint(), "{names:?}");
        }
        // Key Vault returns a PFX in base64, and tools wrap it in lines.
        let encoded = STANDARD.encode(files(names));
        let lines: Vec<&str> =
            encoded.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
        if matches!(names, [name] if name.contains("pfx")) {
            let read = Certificate::read(lines.join("\n").as_bytes(), password);
            assert_eq!(read.as_ref().err(), expected.as_ref(), "{names:?} in base64");
        }
    }
}

#[test]
fn what_is_no_certificate_is_no_panic() {
    for content in [
        "hunter2",
        "-----BEGIN CERTIFICATE-----",
        "-----BEGIN CERTIFICATE-----\nhunter2\n-----END CERTIFICATE-----",
        "-----BEGIN PRIVATE KEY-----\n\n-----END PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----",
        "MAA=",
        "\u{1}",
    ] {
        let error = Certificate::read(content.as_bytes(), Some("hunter2")).err();
        assert!(error.is_some_and(|error| !error.to_string().contains("hunter2")), "{content}");
    }
}

#[test]
fn an_assertion_says_who_asks_whom_for_ten_minutes() {
    if !has_openssl("assertions") {
        return;
    }
    let (certificate, endpoint) = (certificate(), "https://login.microsoftonline.com/t/oauth2/v2.0/token");
    let made = |with_chain| assertion(&certificate, "app", endpoint, with_chain, 1_000_000).unwrap();
    let json =
        |part: &str| -> Value { serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap() };
    let mut ids = Vec::new();
    for with_chain in [false, true] {
        let token = made(with_chain);
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, claims) = message.split_once('.').unwrap();
        let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA256, certificate.key.public().as_ref());
        key.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let (header, claims) = (json(header), json(claims));
        let der = &certificate.chain[0];
        assert_eq!((&header["alg"], &header["typ"]), (&"PS256".into(), &"JWT".into()));
        assert_eq!(header["x5t#S256"], URL_SAFE_NO_PAD.encode(Sha256::digest(der)));
        let expected = if with_chain { serde_json::json!([STANDARD.encode(der)]) } else { Value::Null };
        assert_eq!(header.get("x5c").unwrap_or(&Value::Null), &expected);
        for (name, expected) in [
            ("aud", Value::from(endpoint)),
            ("iss", "app".into()),
            ("sub", "app".into()),
            ("iat", 1_000_000.into()),
            ("exp", 1_000_600.into()),
        ] {
            assert_eq!(claims[name], expected, "{name}");
        }
        ids.push(claims["jti"].clone());
    }
    assert_ne!(ids[0], ids[1], "each assertion has an id of its own");
}
