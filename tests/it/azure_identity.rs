//! Each way to get a token, beside Microsoft's azure-identity with the same settings.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use scene::{BACKUP, BACKUP_OBJECT, OPERATOR, PASSWORD, SECRET, Scene, TENANT};
use sdk::Sdk;
use settings::{Settings, all, application};

mod scene;
mod sdk;
mod settings;
mod trace;

/// Starts the scene and azure-identity in it; says loudly if something for that is missing.
fn started(tokens: Option<PathBuf>) -> Option<(Scene, Sdk)> {
    let scene = Scene::start(tokens);
    let started = scene.and_then(|scene| scene.sdk().map(|sdk| (scene, sdk)));
    started.map_err(|why| skip(&why)).ok()
}

/// Names the ids of the scene in a page.
fn named(page: &str) -> String {
    [
        (TENANT, "[tenant]"),
        (OPERATOR, "[operator]"),
        (BACKUP, "[backup]"),
        (BACKUP_OBJECT, "[object of backup]"),
    ]
    .iter()
    .fold(page.to_owned(), |page, (id, name)| page.replace(id, name))
}

#[test]
fn requests_of_each_kind() {
    let Some((scene, mut sdk)) = started(None) else { return };
    let mut page = String::new();
    for settings in all(&scene) {
        let (trace, answer) = scene.seen(&mut sdk, &settings);
        assert!(answer["claims"].is_object(), "{}: {answer}", settings.name);
        let _ = write!(page, "== {}\n{trace}", settings.name);
    }
    let _ = write!(page, "== az\n{}", std::fs::read_to_string(scene.path("az.log")).expect("a log"));
    assert!(![SECRET, PASSWORD].iter().any(|secret| page.contains(secret)), "a secret is in the log");
    crate::support::settings().bind(|| insta::assert_snapshot!("requests_of_each_kind", named(&page)));
}

#[test]
fn discovery_under_the_names_of_azure() {
    let Some((scene, mut sdk)) = started(None) else { return };
    let lab = &scene.cloud.lab;
    for credential in ["ClientSecretCredential", "CertificateCredential", "WorkloadIdentityCredential"] {
        let settings = all(&scene).into_iter().find(|settings| settings.credential == credential);
        let before = lab.requests().len();
        let mut request = settings.expect("such settings").for_sdk();
        request["login_port"] = lab.azure().port.into();
        request["environment"] = json!({ "AZURE_AUTHORITY_HOST": null });
        let answer = sdk.ask(&request);
        assert_eq!(answer["claims"]["appid"], OPERATOR, "{credential}: {answer}");
        let log = lab.requests().split_off(before);
        assert!(log.iter().all(|request| request.status == Some(200)), "{log:?}");
        let last = log.last().expect("a request");
        assert_eq!((last.host.as_str(), last.method.as_str()), ("login.microsoftonline.com", "POST"));
    }
}

#[test]
fn requests_to_the_agent() {
    let tokens = PathBuf::from("/var/opt/azcmagent/tokens");
    let Some((scene, mut sdk)) = started(Some(tokens)) else { return };
    let himds = scene.cloud.lab.himds();
    let agent = json!({ "IDENTITY_ENDPOINT": himds.identity, "IMDS_ENDPOINT": himds.url });
    let mut page = String::new();
    for (name, arguments) in [
        ("identity of the machine", json!({})),
        ("client id", json!({ "client_id": BACKUP })),
        ("object id", json!({ "identity_config": { "object_id": BACKUP_OBJECT } })),
        ("unknown client id", json!({ "client_id": OPERATOR })),
    ] {
        let settings = Settings::new(name, "ManagedIdentityCredential", arguments);
        let (trace, answer) = scene.seen(&mut sdk, &settings.with_environment(agent.clone()));
        assert_eq!(answer["claims"].is_object(), !name.starts_with("unknown"), "{name}: {answer}");
        let _ = write!(page, "== {name}\n{trace}");
    }
    crate::support::settings().bind(|| insta::assert_snapshot!("requests_to_the_agent", named(&page)));
}

#[test]
fn requests_that_fail() {
    let Some((scene, mut sdk)) = started(None) else { return };
    let secret = |secret: &str| {
        let more = json!({ "client_secret": secret, "retry_backoff_factor": 0 });
        Settings::new("client secret", "ClientSecretCredential", application(&more))
    };
    let certificate = |name: &str| {
        let more = json!({ "certificate_path": scene.path(name) });
        Settings::new("certificate", "CertificateCredential", application(&more))
    };
    let elsewhere = |scope| secret(SECRET).with_scope(scope);
    let closed = json!({ "AZURE_AUTHORITY_HOST": "https://login.localhost:9" });
    let (ok, busy, down) = (Some(200), Some(429), Some(503));
    for (what, settings, fault, statuses, says) in [
        ("a wrong secret", secret("guess"), "", vec![Some(401)], "AADSTS7000215"),
        ("an expired secret", secret("open-wheat-1d0a"), "", vec![Some(401)], "AADSTS7000222"),
        ("an expired certificate", certificate("expired.pem"), "", vec![Some(401)], "AADSTS700027"),
        (
            "an unknown resource",
            elsewhere("https://example.com/.default"),
            "",
            vec![Some(400)],
            "AADSTS500011",
        ),
        (
            "Entra's clock far ahead",
            certificate("both.pem"),
            "clock-ahead:seconds=1200",
            vec![Some(401)],
            "AADSTS700024",
        ),
        // azure-identity sends no `nbf`, so none of its assertions is too early.
        ("Entra's clock behind", certificate("both.pem"), "clock-behind", vec![ok], ""),
        ("throttling", secret(SECRET), "429:retry-after-ms=1", vec![busy, ok], ""),
        ("a transient error", secret(SECRET), "aadsts90033", vec![down, ok], ""),
        ("a connection that breaks", secret(SECRET), "reset", vec![None, ok], ""),
        (
            "nobody at the login host",
            secret(SECRET).with_environment(closed),
            "",
            vec![],
            "Connection refused",
        ),
    ] {
        if !fault.is_empty() {
            scene.cloud.lab.inject(format!("login:{fault}:method=POST").parse().expect("a fault"));
        }
        let before = scene.cloud.lab.requests().len();
        let answer = sdk.ask(&settings.for_sdk());
        let log = scene.cloud.lab.requests();
        let asked = log[before..].iter().filter(|request| request.method == "POST");
        assert_eq!(asked.map(|request| request.status).collect::<Vec<_>>(), statuses, "{what}: {answer}");
        assert_eq!(answer["claims"].is_object(), says.is_empty(), "{what}: {answer}");
        assert!(answer["message"].as_str().unwrap_or_default().contains(says), "{what}: {answer}");
    }
}

fn skip(why: &str) {
    use std::io::Write as _;
    assert!(std::env::var_os("CI").is_none(), "azure-identity cannot be compared here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: azure-identity beside the lab: {why} ***\n");
}
