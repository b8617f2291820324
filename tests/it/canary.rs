//! A secret that must not appear in any output or file.

use crate::support::Place;

const CANARY: &str = "canary/+\"ünsäglich\" & 'geheim'";

/// Returns the encodings in which a program could leak it.
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

/// A runbook that uses the secret in every possible way, including ways that fail.
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

/// The reports of a run, beside the plan of its runbook too, and of that plan.
const REPORTS: [&[&str]; 5] = [
    &["report"],
    &["report", "-plan", "jumpstart"],
    &["report", "-markdown", "-plan", "jumpstart"],
    &["report", "-junit"],
    &["report", "jumpstart"],
];

#[test]
fn the_canary_is_in_no_output_and_no_file() {
    for json in [false, true] {
        let place = Place::jumpstart_with_secret(CANARY);
        place.write("jumpstart/abuse.runbook.hcl", ABUSE);
        let mut arguments = vec!["run", "-lab", "-var", "file=hosts", "jumpstart"];
        arguments.extend(json.then_some("-json"));
        let ran = place.run(&arguments);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        let shown = place.run(&["show", "-events", "-requests"]);
        let reports = REPORTS.map(|arguments| place.run(arguments));
        let written = place.files();
        let records =
            written.iter().filter(|(path, _)| path.extension().is_some_and(|ending| ending == "jsonl"));
        assert_eq!(records.count(), 1);
        for ran in &reports {
            assert_eq!(ran.code, Some(0), "{}", ran.seen());
        }
        for form in forms() {
            let reports = reports.iter().flat_map(|ran| [&ran.out, &ran.err]);
            for text in [&ran.out, &ran.err, &shown.out, &shown.err].into_iter().chain(reports) {
                assert!(!text.contains(&form), "{form} is in {text}");
            }
            for (path, bytes) in
                written.iter().filter(|(path, _)| !path.to_string_lossy().ends_with(".lab.hcl"))
            {
                let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(!found, "{form} is in {}", path.display());
            }
        }
        for token in ["eyJ0", "Basic ", "Bearer "] {
            for ran in reports.iter().chain([&ran]) {
                assert!(!ran.out.contains(token) && !ran.err.contains(token), "{token} is in {}", ran.seen());
            }
            for (path, bytes) in &written {
                let found = bytes.windows(token.len()).any(|window| window == token.as_bytes());
                assert!(!found, "{token} is in {}", path.display());
            }
        }
    }
}

/// A runbook that uses a sensitive and an ephemeral variable in every way that a plan supports.
const PLANNED: &str = r#"
variable "canary" {
  type      = string
  sensitive = true
}
variable "ticket" {
  type      = string
  ephemeral = true
}
locals {
  leak  = "the secret is ${var.canary}"
  file  = sensitive(file("canary.txt"))
  inner = { a = [local.leak, base64encode(var.canary)] }
}
step "echo" "whole" {
  input       = { nested = local.inner, json = jsonencode(local.inner), file = local.file, url = urlencode(var.canary) }
  description = "canary/+ is none"
}
step "blob_upload" "leak" {
  account   = "acc"
  container = "con"
  name      = "leak.txt"
  content   = "${var.canary} ${var.ticket}"
  metadata  = { a = base64encode(var.canary) }
}
step "keyvault_secret" "leak" {
  vault   = "vault"
  name    = replace(base64encode(var.canary), "/[^a-zA-Z0-9]/", "")
}
output "leak" {
  value     = [var.canary, local.file]
  sensitive = true
}
"#;

#[test]
fn the_canary_is_in_no_plan_file() {
    let place = Place::with(PLANNED);
    place.write("canary.txt", CANARY);
    let canary = format!("canary={CANARY}");
    let given = ["-var", &canary, "-var", "ticket=ticket-canary-9"];
    let ran = place.run(&[&["plan", "-out", "a.plan"], &given[..]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let plan = std::fs::read_to_string(place.path().join("a.plan")).expect("the plan file");
    assert!(plan.contains("\"seals\":{\"canary\":"), "{plan}");
    // A plain digest of a short secret could be guessed.
    assert!(plan.contains("{\"path\":\"canary.txt\",\"seal\":"), "{plan}");
    let wrong = place.run(&["run", "-var", "canary=another", "-var", "ticket=another", "a.plan"]);
    assert_eq!(wrong.code, Some(3), "{}", wrong.seen());
    let shown = place.run(&["show", "a.plan"]);
    assert_eq!(shown.code, Some(0), "{}", shown.seen());
    let report = place.run(&["report", "a.plan"]);
    assert_eq!(report.code, Some(0), "{}", report.seen());
    let forms = forms().into_iter().chain(["ticket-canary-9".to_owned(), "dGlja2V0LWNhbmFyeS05".to_owned()]);
    for form in forms {
        for text in [
            &plan,
            &ran.out,
            &ran.err,
            &wrong.out,
            &wrong.err,
            &shown.out,
            &shown.err,
            &report.out,
            &report.err,
        ] {
            assert!(!text.contains(&form), "{form} is in {text}");
        }
    }
}

/// A policy that denies everything, in the words of its whole input.
const TALKATIVE: &str = "package talk\n\ndeny contains json.marshal(input) if true\n";

#[test]
fn the_canary_is_in_no_audit_and_no_graph() {
    let place = Place::with(PLANNED);
    place.write("canary.txt", CANARY);
    place.write("policies/talk.rego", TALKATIVE);
    let canary = format!("canary={CANARY}");
    let given = ["-var", &canary, "-var", "ticket=ticket-canary-9"];
    let forms: Vec<String> = forms().into_iter().chain(["ticket-canary-9".to_owned()]).collect();
    for (command, expected) in [
        (&["audit"][..], Some(1)),
        (&["audit", "-json", "-policy", "policies"], Some(1)),
        (&["audit", "-format", "sarif", "-policy", "policies"], Some(1)),
        (&["audit", "-format", "junit", "-policy", "policies"], Some(1)),
        (&["audit", "-format", "input"], Some(0)),
        (&["audit", "-baseline", "known.json", "-write-baseline"], Some(0)),
        (&["plan", "-policy", "policies"], Some(3)),
        (&["plan", "-verbose"], Some(0)),
        (&["plan", "-markdown"], Some(0)),
        (&["plan", "-json"], Some(0)),
        (&["graph"], Some(0)),
        (&["graph", "-format", "mermaid"], Some(0)),
    ] {
        let ran = place.run(&[command, &given[..]].concat());
        assert_eq!(ran.code, expected, "{command:?}: {}", ran.seen());
        let baseline = std::fs::read_to_string(place.path().join("known.json")).unwrap_or_default();
        for form in &forms {
            for text in [&ran.out, &ran.err, &baseline] {
                assert!(!text.contains(form), "{command:?}: {form} is in {text}");
            }
        }
    }
}

#[test]
fn a_secret_that_is_a_common_word_breaks_no_plan_file() {
    for secret in ["reads", "address", "plan", "true", "format", "offline", "x.runbook", "acc01", "[*]"] {
        let place = Place::with(
            r#"
variable "secret" {
  type      = string
  sensitive = true
}
variable "plain" { default = "is acc01 or plan" }
step "echo" "x" {
  for_each = toset([var.plain])
  input    = [var.secret, each.key]
}
"#,
        );
        let secret = format!("secret={secret}");
        let planned = place.run(&["plan", "-var", &secret, "-out", "a.plan"]);
        assert_eq!(planned.code, Some(0), "{secret}: {}", planned.seen());
        let shown = place.run(&["show", "a.plan"]);
        assert_eq!(shown.code, Some(0), "{secret}: {}", shown.seen());
        // The plan redacted part of this plain value, so the run needs it again.
        let plain = "plain=is acc01 or plan";
        let ran = place.run(&["run", "-var", &secret, "-var", plain, "a.plan"]);
        assert_eq!(ran.code, Some(0), "{secret}: {}", ran.seen());
    }
}

#[test]
fn a_secret_that_is_a_common_word_breaks_no_record() {
    for secret in ["true", "null", "prev", "event", "run_finished", "done", "5432", "sha256"] {
        let place = Place::jumpstart_with_secret(secret);
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
