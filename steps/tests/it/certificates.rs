//! Certificates that a vault exports.

use arcbook_engine::value::{Entries, Value};

use crate::world::{Bench, text};

const WORLD: &str = r#"
key_vault "certs01" {
  resource_group = "arc_pilot"
  access_policy { secrets = ["get"] }
  certificate "pfx" { subject = "www.example.net" }
  certificate "pem" {
    subject = "www.example.net"
    format  = "pem"
  }
  certificate "kept" { exportable = false }
  certificate "kept-pem" {
    format     = "pem"
    exportable = false
  }
  secret "text" { value = "no certificate" }
}
"#;

fn named(name: &'static str) -> Vec<(&'static str, Value)> {
    vec![("vault", "certs01".into()), ("name", name.into())]
}

fn sections(pem: &str, kind: &str) -> usize {
    pem.matches(&format!("-----BEGIN {kind}-----\n")).count()
}

#[tokio::test]
async fn a_certificate_has_the_same_parts_in_either_format() {
    let bench = Bench::of(WORLD).await;
    for name in ["pfx", "pem"] {
        let outcome = bench.run("keyvault_certificate", &named(name)).await.unwrap();
        assert_eq!(text(&outcome, "subject"), "CN=www.example.net", "{name}");
        for (output, certificates, keys) in
            [("certificate", 1, 0), ("chain", 1, 0), ("key", 0, 1), ("bundle", 2, 1)]
        {
            let pem = text(&outcome, output);
            assert_eq!(
                (sections(pem, "CERTIFICATE"), sections(pem, "PRIVATE KEY")),
                (certificates, keys),
                "{name} {output}"
            );
        }
        let thumbprint = text(&outcome, "thumbprint");
        assert!(thumbprint.len() == 40 && thumbprint.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let (begins, ends) = (&outcome.outputs["not_before"], &outcome.outputs["expires_on"]);
        let seconds = |value: &Value| value.to_json().unwrap().as_i64().unwrap();
        assert_eq!(seconds(ends) - seconds(begins), 366 * 86_400);
        let key = rcgen::KeyPair::from_pem(text(&outcome, "key")).unwrap();
        let (_, own) = x509_parser::pem::parse_x509_pem(text(&outcome, "certificate").as_bytes()).unwrap();
        let own = own.parse_x509().unwrap();
        let public = own.public_key().subject_public_key.data.as_ref();
        assert_eq!(
            public,
            rcgen::PublicKeyData::der_bytes(&key),
            "{name}: the key is that of the certificate"
        );
        assert!(
            bench.secrets.redact(text(&outcome, "key")) != text(&outcome, "key"),
            "{name}: the key is known as a secret"
        );
    }
}

#[tokio::test]
async fn a_key_that_stays_in_the_vault_is_null_or_an_error() {
    let bench = Bench::of(WORLD).await;
    for name in ["kept", "kept-pem"] {
        let outcome = bench.run("keyvault_certificate", &named(name)).await.unwrap();
        let is_null = |outputs: &Entries, name: &str| outputs[name].is_null();
        assert!(is_null(&outcome.outputs, "key") && is_null(&outcome.outputs, "bundle"), "{name}");
        assert_eq!(text(&outcome, "subject"), format!("CN={name}"));
        let given = [named(name), vec![("require_key", true.into())]].concat();
        let error = bench.run("keyvault_certificate", &given).await.unwrap_err();
        assert_eq!(error.about(), Some("require_key"), "{error:?}");
    }
}

#[tokio::test]
async fn any_other_secret_is_no_certificate() {
    let bench = Bench::of(WORLD).await;
    let error = bench.run("keyvault_certificate", &named("text")).await.unwrap_err();
    assert!(error.summary().contains("not a certificate"), "{error:?}");
    assert!(!format!("{error:?}").contains("no certificate\""), "the value is not quoted: {error:?}");
    let missing = bench.run("keyvault_certificate", &named("none")).await.unwrap_err();
    assert_eq!(missing.code(), Some("SecretNotFound"));
}
