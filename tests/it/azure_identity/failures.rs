//! Requests for tokens that fail, or fail at first.

use arcbook_lab::Lab;
use serde_json::json;

use super::scene::{SECRET, Scene};
use super::settings::{Settings, application, application_block};
use super::started;

/// The statuses of the requests for a token, none for a connection that broke, and the error that the client reports;
/// empty if it got the token.
type Seen = (Vec<Option<u16>>, &'static str);

/// A situation in which Entra gives no token, or not at once.
struct Failure {
    what: &'static str,
    settings: Settings,
    /// A fault of the lab's Entra, once for each client; empty for none.
    fault: &'static str,
    /// The requests and the error, of azure-identity and of arcbook.
    seen: Seen,
}

fn failure(what: &'static str, settings: Settings, fault: &'static str, seen: Seen) -> Failure {
    Failure { what, settings, fault, seen }
}

fn secret(secret: &str) -> Settings {
    let arguments = json!({ "client_secret": secret, "retry_backoff_factor": 0 });
    Settings::new("client secret", "ClientSecretCredential", application(&arguments))
        .with_identity("client_secret", application_block(&json!({ "secret": secret })))
}

fn certificate(scene: &Scene, name: &str) -> Settings {
    let path = json!({ "certificate_path": scene.path(name) });
    Settings::new("certificate", "CertificateCredential", application(&path))
        .with_identity("client_certificate", application_block(&path))
}

/// Returns settings with a login host that nobody serves.
fn closed(scene: &Scene) -> Settings {
    let lab = scene.cloud.lab.azure();
    let (login, port) = ("https://login.localhost:9", lab.port);
    let cloud = json!([{
        "name": "Closed",
        "resourceManager": lab.arm,
        "authentication": { "audiences": [format!("{}/", lab.arm)], "loginEndpoint": login },
        "suffixes": { "keyVaultDns": lab.vault_suffix, "storage": format!("localhost:{port}") },
    }]);
    scene.place.write("closed.json", cloud.to_string());
    let variables = json!({ "AZURE_AUTHORITY_HOST": login, "ARCBOOK_CLOUD": scene.path("closed.json") });
    secret(SECRET).with_environment(variables)
}

fn failures(scene: &Scene) -> Vec<Failure> {
    let (ok, no) = (Some(200), Some(401));
    let (good, expired) = (|| certificate(scene, "both.pem"), certificate(scene, "expired.pem"));
    let ahead = "clock-ahead:seconds=1200";
    vec![
        failure("a wrong secret", secret("guess"), "", (vec![no], "AADSTS7000215")),
        failure("an expired secret", secret("open-wheat-1d0a"), "", (vec![no], "AADSTS7000222")),
        failure("an expired certificate", expired, "", (vec![no], "AADSTS700027")),
        failure("Entra's clock ahead", good(), "clock-ahead", (vec![ok], "")),
        failure("Entra's clock far ahead", good(), ahead, (vec![no], "AADSTS700024")),
        failure("Entra's clock behind", good(), "clock-behind", (vec![ok], "")),
        failure("throttling", secret(SECRET), "429:retry-after-ms=1", (vec![Some(429), ok], "")),
        failure("a transient error", secret(SECRET), "aadsts90033", (vec![Some(503), ok], "")),
        failure("a policy", secret(SECRET), "aadsts53003", (vec![Some(400)], "AADSTS53003")),
        failure("a connection that breaks", secret(SECRET), "reset", (vec![None, ok], "")),
        failure("nobody at the login host", closed(scene), "", (vec![], "onnection refused")),
    ]
}

/// Returns the statuses of the requests for tokens from the log's entry `from` on.
fn statuses(lab: &Lab, from: usize) -> Vec<Option<u16>> {
    let asked = lab.requests().into_iter().skip(from).filter(|request| request.method == "POST");
    asked.map(|request| request.status).collect()
}

#[test]
fn requests_that_fail() {
    let Some((scene, mut sdk)) = started(None) else { return };
    let lab = &scene.cloud.lab;
    for Failure { what, settings, fault, seen: (sent, error) } in failures(&scene) {
        let inject = || {
            if !fault.is_empty() {
                lab.inject(format!("login:{fault}:method=POST").parse().expect("a fault"));
            }
            lab.requests().len()
        };
        let before = inject();
        let answer = sdk.ask(&settings.for_sdk(&scene));
        let message = answer["message"].as_str().unwrap_or_default();
        assert_eq!(
            (statuses(lab, before), message.is_empty()),
            (sent.clone(), error.is_empty()),
            "{what}: {answer}"
        );
        assert!(message.contains(error), "{what}: {answer}");

        let before = inject();
        let (_, ran) = scene.by_arcbook(&settings);
        let seen = ran.seen();
        assert_eq!((statuses(lab, before), ran.code == Some(0)), (sent, error.is_empty()), "{what}: {seen}");
        assert!(seen.contains(error), "{what}: {seen}");
        assert!(!seen.contains("guess") && !seen.contains("open-"), "{what}: a secret is in the output");
    }
}
