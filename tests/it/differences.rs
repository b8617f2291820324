//! The record says what a change differs in from the state before it.

use serde_json::{Value as Json, json};

use crate::cloud::{Cloud, WORLD};
use crate::support::{Place, Ran};

const RUNBOOK: &str = r#"
variable "role" { default = "web" }

variable "key" {
  default   = "older-9d1c"
  ephemeral = true
}

step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}

step "blob_upload" "kept" {
  account   = "acc01"
  container = "old"
  name      = "kept.txt"
  content   = "as it was"
  metadata  = { role = var.role }
}

step "resource_tags" "group" {
  id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg"
  tags = { role = var.role, key = var.key }
}

step "exec" "program" { argv = ["true"] }
"#;

/// Returns the change of a step in the events of a run.
fn change(ran: &Ran, step: &str) -> Json {
    let events = ran.out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let mut events = events.filter(|event| event["event"] == "change_intended");
    events.find(|event| event["step"] == step).map_or(Json::Null, |mut event| event["change"].take())
}

#[test]
fn each_change_is_recorded_with_its_differences() {
    let cloud = Cloud::of_world(&format!("{WORLD}\nrole_assignment {{ role = \"Tag Contributor\" }}\n"));
    let place = Place::with(RUNBOOK);
    let first = cloud.run(&place, &["run", "-auto-approve", "-json"]);
    assert_eq!(first.code, Some(0), "{}", first.seen());
    assert_eq!(change(&first, "step.blob_container.new"), json!({ "action": "create" }));
    let program = change(&first, "step.exec.program");
    assert_eq!(program["action"], "unknown", "{program}");
    let values = ["-var", "role=db", "-var", "key=newer-5e77"];
    let second = cloud.run(&place, &[&["run", "-auto-approve", "-json"], &values[..]].concat());
    assert_eq!(second.code, Some(0), "{}", second.seen());
    assert_eq!(change(&second, "step.blob_container.new"), Json::Null);
    let role = json!({
        "attribute": "metadata.role", "was": { "value": "web" }, "will": { "value": "db" }, "replaces": false,
    });
    let kept = change(&second, "step.blob_upload.kept");
    assert!(kept["differences"].as_array().expect("differences").contains(&role), "{kept}");
    // A part of the tags is a secret, and so may be each earlier value.
    let tags = change(&second, "step.resource_tags.group");
    for difference in tags["differences"].as_array().expect("differences") {
        assert_eq!(difference["was"], json!({ "value": null, "sensitive": [[]] }), "{difference}");
    }
    let shown = cloud.run(&place, &["show", "-events"]);
    let line =
        "step.blob_upload.kept is about to update the existing object (~ metadata.role = \"web\" -> \"db\")";
    assert!(shown.out.split_whitespace().collect::<Vec<_>>().join(" ").contains(line), "{}", shown.seen());
    for ran in [&first, &second, &shown] {
        assert!(!["older-9d1c", "newer-5e77"].iter().any(|key| ran.seen().contains(key)), "{}", ran.seen());
    }
    assert_eq!(place.run(&["verify"]).code, Some(0));
}
