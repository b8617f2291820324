//! Each way to get a token, beside Microsoft's azure-identity with the same settings.

use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::json;

use crate::support::{Place, Ran};
use scene::{BACKUP, BACKUP_OBJECT, OPERATOR, PASSWORD, SECRET, Scene, TENANT};
use sdk::Sdk;
use settings::{all, on_arc};

mod failures;
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
fn the_embedded_lab_serves_every_identity_of_its_world() {
    let place = Place::with(
        r#"
        identity "client_secret" "operator" {
          tenant    = "10000000-0000-4000-8000-000000000001"
          client_id = "20000000-0000-4000-8000-000000000001"
          secret    = "open-sesame-4f1c"
        }
        identity "environment" "operator" {}
        identity "managed" "vm" { from = "vm" }
        identity "managed" "backup" { client_id = "30000000-0000-4000-8000-000000000001" }
        step "arm_get" "_secret" {
          path     = "/subscriptions"
          identity = identity.client_secret.operator
        }
        step "arm_get" "_environment" {
          path     = "/subscriptions"
          identity = identity.environment.operator
        }
        step "arm_get" "_vm" {
          path     = "/subscriptions"
          identity = identity.managed.vm
        }
        step "arm_get" "_backup" {
          path     = "/subscriptions"
          identity = identity.managed.backup
        }
        step "arm_get" "_machine" { path = "/subscriptions" }
        "#,
    );
    place.write("w.lab.hcl", scene::world("", ""));
    let mut command = place.command(&["run", "-lab"]);
    let variables = [("TENANT_ID", TENANT), ("CLIENT_ID", OPERATOR), ("CLIENT_SECRET", SECRET)];
    let command = command.envs(variables.map(|(name, value)| (format!("AZURE_{name}"), value)));
    let ran = Ran::of(command.output().expect("the program"));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("5 of 5 steps done"), "{}", ran.seen());
}

#[test]
fn arcbook_sends_what_azure_identity_sends() {
    let tokens = PathBuf::from("/var/opt/azcmagent/tokens");
    let Some((scene, mut sdk)) = started(Some(tokens)) else { return };
    for settings in [all(&scene), on_arc(&scene)].concat() {
        let name = settings.name;
        let (theirs, answer) = scene.seen(&mut sdk, &settings);
        let (ours, ran) = scene.by_arcbook(&settings);
        assert_eq!(ours.is_empty(), settings.credential == "AzureCliCredential", "{name}: {}", ran.seen());
        assert_eq!(trace::comparable(&theirs), trace::comparable(&ours), "{name}: {}", ran.seen());
        assert_eq!(answer["claims"].is_object(), ran.code == Some(0), "{name}: {answer} {}", ran.seen());
    }
    let log = std::fs::read_to_string(scene.path("az.log")).expect("a log");
    let calls: Vec<&str> = log.lines().collect();
    assert_eq!(calls.len(), 6, "{log}");
    assert!(calls.chunks(2).all(|pair| pair[0] == pair[1]), "{log}");
}

#[test]
fn discovery_under_the_names_of_azure() {
    let Some((scene, mut sdk)) = started(None) else { return };
    let lab = &scene.cloud.lab;
    for credential in ["ClientSecretCredential", "CertificateCredential", "WorkloadIdentityCredential"] {
        let settings = all(&scene).into_iter().find(|settings| settings.credential == credential);
        let before = lab.requests().len();
        let mut request = settings.expect("such settings").for_sdk(&scene);
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
    let mut page = String::new();
    for settings in on_arc(&scene) {
        let (trace, answer) = scene.seen(&mut sdk, &settings);
        let name = settings.name;
        assert_eq!(answer["claims"].is_object(), !name.starts_with("unknown"), "{name}: {answer}");
        let _ = write!(page, "== {name}\n{trace}");
    }
    crate::support::settings().bind(|| insta::assert_snapshot!("requests_to_the_agent", named(&page)));
}

fn skip(why: &str) {
    use std::io::Write as _;
    assert!(std::env::var_os("CI").is_none(), "azure-identity cannot be compared here: {why}");
    let _ = writeln!(std::io::stderr(), "\n*** NOT TESTED: azure-identity beside the lab: {why} ***\n");
}
