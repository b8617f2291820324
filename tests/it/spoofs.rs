//! Texts that spell the phrases which people see in place of missing parts are texts like any other.

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran};

const PHRASES: [&str; 4] =
    ["(known after step.echo.said)", "(sensitive value)", "(ephemeral value)", "it is (sensitive) here"];

const RUNBOOK: &str = r#"
variable "phrase" { type = string }

variable "blob" {
  type    = string
  default = "a"
}

variable "stop" {
  type    = bool
  default = false
}

step "blob_upload" "note" {
  account   = "acc01"
  container = "old"
  name      = "${var.blob} ${var.phrase}.txt"
  content   = var.phrase
  metadata  = { phrase = var.phrase }
}

step "echo" "said" {
  input = { (var.phrase) = [var.phrase, step.blob_upload.note.size] }
}

step "echo" "last" {
  input = step.echo.said.output
  postcondition {
    condition     = !var.stop || step.blob_upload.note.etag == ""
    error_message = "It stops here."
  }
}

output "phrase" { value = step.echo.last.output[var.phrase] }
"#;

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran
}

/// Returns the value of the output in the events that a run printed.
fn output(ran: &Ran) -> Json {
    let events = ran.out.lines().filter_map(|line| serde_json::from_str::<Json>(line).ok());
    let mut outputs = events.filter(|event| event["event"] == "output");
    outputs.next().expect("an output")["value"]["value"].clone()
}

#[test]
fn a_plan_file_a_resumed_run_a_record_and_an_undo_take_a_phrase_as_a_text() {
    for phrase in PHRASES {
        let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
        let given = format!("phrase={phrase}");
        let run = |arguments: &[&str]| cloud.run(&place, arguments);
        let expected = serde_json::json!([phrase, phrase.len()]);

        done(run(&["plan", "-var", &given, "-out", "spoof.plan"]));
        let ran = done(run(&["run", "-json", "spoof.plan"]));
        assert_eq!(output(&ran), expected, "{}", ran.seen());

        let ran = done(place.run(&["plan", "-against", "latest", "-var", &given, "-json"]));
        let plan = ran.plan();
        assert_eq!(plan["outputs"]["value"]["phrase"], expected, "{}", ran.seen());
        for step in plan["steps"].as_array().expect("steps") {
            let computes = step["effect"] == "nothing";
            assert!(computes || step["answered"] == true, "{step}");
        }

        let other = ["-auto-approve", "-var", &given, "-var", "blob=b"];
        let ran = run(&[&["run", "-var", "stop=true"], &other[..]].concat());
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let changes = cloud.changes().len();
        let ran = done(run(&[&["run", "-json", "-resume", "latest"], &other[..]].concat()));
        assert!(ran.out.contains("\"event\":\"step_recalled\""), "{}", ran.seen());
        assert_eq!(output(&ran), expected, "{}", ran.seen());
        assert_eq!(cloud.changes().len(), changes, "the change stands: {}", ran.seen());

        let ran = done(run(&["undo", "-auto-approve"]));
        let removed = cloud.changes().into_iter().filter(|change| change.starts_with("DELETE")).count();
        assert_eq!(removed, 1, "{}", ran.seen());
    }
}
