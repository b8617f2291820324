//! Applications that prove themselves by a certificate.

use std::io::Write as _;
use std::process::Command;

use arcbook_engine::step::ErrorKind;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::Value;
use tempfile::TempDir;

use super::{Rig, SECRET, VAULT, actions, issued, refusal};
use crate::server::{Server, no};

/// Returns a directory with a certificate in PEM and PFX, and one that has expired; none without OpenSSL.
fn certificates(test: &str) -> Option<TempDir> {
    if !Command::new("openssl").arg("version").output().is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "{test}: it takes openssl");
        // The macro `eprintln!` is captured in a test that passes.
        drop(writeln!(std::io::stderr(), "\n*** NOT TESTED: {test}: it takes openssl ***\n"));
        return None;
    }
    let dir = tempfile::tempdir().unwrap();
    let new = "req -x509 -newkey rsa:2048 -nodes -subj /CN=a";
    for arguments in [
        format!("{new} -days 2 -keyout key.pem -out cert.pem"),
        format!("pkcs12 -export -inkey key.pem -in cert.pem -passout pass:{SECRET} -out own.pfx"),
        "req -new -key key.pem -subj /CN=a -out own.csr".to_owned(),
        "x509 -req -in own.csr -signkey key.pem -days -1 -out expired.pem".to_owned(),
    ] {
        let words = arguments.split_whitespace();
        let output = Command::new("openssl").args(words).current_dir(&dir).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stderr));
    }
    for (name, cert) in [("own.pem", "cert.pem"), ("old.pem", "expired.pem")] {
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join(name), read("key.pem") + &read(cert)).unwrap();
    }
    Some(dir)
}

/// Returns the field of a form.
fn field(request: &str, name: &str) -> String {
    let body = request.split_once("\r\n\r\n").unwrap().1;
    let mut fields = url::form_urlencoded::parse(body.as_bytes());
    fields.find(|(own, _)| own == name).unwrap().1.into_owned()
}

fn claims(assertion: &str) -> Value {
    let part = assertion.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[tokio::test]
async fn a_certificate_comes_from_a_file_or_a_value() {
    let Some(dir) = certificates("certificates of applications") else { return };
    let path = |name: &str| dir.path().join(name).display().to_string();
    let (pem, pfx) = (path("own.pem"), path("own.pfx"));
    let (pem_text, pfx_text) =
        (std::fs::read_to_string(&pem).unwrap(), STANDARD.encode(std::fs::read(&pfx).unwrap()));
    for (name, value, password) in [
        ("certificate_path", &pem, None),
        ("certificate_path", &pfx, Some(SECRET)),
        ("certificate", &pem_text, None),
        ("certificate", &pfx_text, Some(SECRET)),
    ] {
        let server = Server::answering_in_turn(|_| vec![no(503, "", ""), issued("t1")]).await;
        let rig = Rig::new(server.port, &[]);
        let mut arguments = vec![("tenant", "t.example"), ("client_id", "app-1"), (name, value.as_str())];
        arguments.extend(password.map(|password| ("password", password)));
        assert_eq!(rig.token("client_certificate", &arguments).await.unwrap().reveal(), "t1", "{name}");
        let requests = server.heard().requests;
        let sent: Vec<Value> =
            requests.iter().map(|request| claims(&field(request, "client_assertion"))).collect();
        let endpoint = format!("http://login.localhost:{}/t.example/oauth2/v2.0/token", server.port);
        assert_eq!((&sent[0]["aud"], &sent[0]["iss"]), (&endpoint.as_str().into(), &"app-1".into()));
        assert_ne!(sent[0]["jti"], sent[1]["jti"], "each attempt has an assertion of its own");
        assert_eq!(field(&requests[0], "grant_type"), "client_credentials");
        let identity = rig.identity("client_certificate", &arguments);
        let reads = actions(&*identity, VAULT).iter().any(|line| line.contains("read "));
        assert_eq!(reads, name == "certificate_path");
        assert!(!format!("{:?}", actions(&*identity, VAULT)).contains("PRIVATE KEY"));
    }
}

#[tokio::test]
async fn an_expired_certificate_is_sent_and_told() {
    let Some(dir) = certificates("an expired certificate") else { return };
    let path = dir.path().join("old.pem").display().to_string();
    let server = Server::answering(|_| refusal(401, "", "invalid_client", 700_027)).await;
    let arguments = [("tenant", "t"), ("client_id", "a"), ("certificate_path", &*path)];
    let error = Rig::new(server.port, &[]).token("client_certificate", &arguments).await.unwrap_err();
    assert!(error.why().unwrap().contains("The certificate has expired"), "{error:?}");
    assert!(error.remedies()[0].contains("register the certificate"), "{error:?}");
}

#[tokio::test]
async fn a_certificate_that_cannot_be_used_sends_nothing() {
    let Some(dir) = certificates("a certificate that cannot be used") else { return };
    let path = |name: &str| dir.path().join(name).display().to_string();
    let server = Server::answering(|_| issued("t1")).await;
    for (name, password, argument, expected) in [
        ("own.pfx", None, "password", "its password is wrong"),
        ("own.pfx", Some("wrong"), "password", "its password is wrong"),
        ("cert.pem", None, "certificate_path", "no private key"),
        ("key.pem", None, "certificate_path", "no certificate"),
        ("none.pem", None, "certificate_path", "No such file"),
    ] {
        let path = path(name);
        let mut arguments = vec![("tenant", "t"), ("client_id", "a"), ("certificate_path", path.as_str())];
        arguments.extend(password.map(|password| ("password", password)));
        let error = Rig::new(server.port, &[]).token("client_certificate", &arguments).await.unwrap_err();
        assert_eq!((error.kind(), error.about()), (ErrorKind::Local, Some(argument)), "{name}: {error:?}");
        assert!(error.why().unwrap().contains(expected), "{name}: {error:?}");
    }
    assert_eq!(server.heard().connections, 0);
}
