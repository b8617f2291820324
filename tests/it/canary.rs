//! A secret that must be seen nowhere.

use crate::support::Place;

const CANARY: &str = "canary/+\"ünsäglich\" & 'geheim'";

/// The forms in which a careless program would show it.
fn forms() -> Vec<String> {
    let json = serde_json::to_string(CANARY).expect("JSON");
    vec![
        CANARY.to_owned(),
        json[1..json.len() - 1].to_owned(),
        "canary%2F%2B".to_owned(),
        "Y2FuYXJ5Lysi".to_owned(),
        "nsäglich".to_owned(),
    ]
}

/// The lab with another secret.
fn place(secret: &str) -> Place {
    let place = Place::jumpstart();
    let name = "jumpstart/jumpstart.lab.hcl";
    let world = std::fs::read_to_string(place.path().join(name)).expect("the world");
    let secret = serde_json::to_string(secret).expect("JSON");
    let changed =
        world.replacen("\"Managed Identity\"\n    content_type", &format!("{secret}\n    content_type"), 1);
    assert_ne!(world, changed, "the secret of the world was not found");
    place.write(name, changed);
    place
}

/// Uses the secret in every way a runbook can, also in ways that fail.
const ABUSE: &str = r#"
locals {
  leak = step.keyvault_secret.scenario.value
}

step "echo" "whole" {
  input = { nested = [local.leak], encoded = base64encode(local.leak), json = jsonencode({ a = local.leak }) }
}

step "blob_upload" "leak" {
  account   = local.account
  container = step.blob_container.uploads.name
  name      = "leak.txt"
  content   = "the secret is ${local.leak}"
}

step "keyvault_secret" "wrong" {
  vault = local.vault
  name  = replace(base64encode(local.leak), "/[^a-zA-Z0-9]/", "")
}

step "arm_get" "wrong" {
  path        = "/subscriptions/${urlencode(local.leak)}/tagNames"
  api_version = "2021-04-01"
}

output "leak" {
  value     = step.echo.whole.output
  sensitive = true
}

output "number" {
  value     = parseint(local.leak, 10)
  sensitive = true
}
"#;

#[test]
fn the_canary_is_in_no_output_and_no_file() {
    for json in [false, true] {
        let place = place(CANARY);
        place.write("jumpstart/abuse.runbook.hcl", ABUSE);
        let mut arguments = vec!["run", "-lab", "-var", "file=hosts", "jumpstart"];
        arguments.extend(json.then_some("-json"));
        let ran = place.run(&arguments);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let shown = place.run(&["show"]);
        let written = place.files();
        let records =
            written.iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "jsonl"));
        assert_eq!(records.count(), 1);
        for form in forms() {
            for text in [&ran.out, &ran.err, &shown.out, &shown.err] {
                assert!(!text.contains(&form), "{form} is in {text}");
            }
            for (path, bytes) in
                written.iter().filter(|(path, _)| !path.to_string_lossy().ends_with(".lab.hcl"))
            {
                let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(!found, "{form} is in {}", path.display());
            }
        }
        for token in ["eyJ", "Basic ", "Bearer "] {
            assert!(!ran.out.contains(token) && !ran.err.contains(token), "{token} is in {}", ran.seen());
            for (path, bytes) in &written {
                let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
                assert!(!found, "{token} is in {}", path.display());
            }
        }
    }
}

#[test]
fn a_secret_like_any_other_word_spoils_no_record() {
    for secret in ["true", "null", "prev", "event", "run_finished", "done", "5432", "sha256"] {
        let place = place(secret);
        let ran = place.run(&["run", "-lab", "-json", "-var", "file=hosts", "jumpstart"]);
        assert_eq!(ran.code, Some(0), "{secret}: {}", ran.seen());
        for line in ran.out.lines() {
            let parsed: Result<serde_json::Value, _> = serde_json::from_str(line);
            assert!(parsed.is_ok(), "{secret}: {line}");
        }
        let verified = place.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "{secret}: {}", verified.seen());
    }
}
