//! `plan -live`: a preview of a run's changes that changes nothing.

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, settings};

const LIVE: [&str; 6] = ["plan", "-live", "-detailed-exitcode", "-var", "file=hosts", "jumpstart"];

/// Returns the write requests, successful or not.
fn writes(cloud: &Cloud) -> Vec<String> {
    let requests = cloud.lab.requests().into_iter();
    let writes = requests.filter(|request| !["GET", "HEAD"].contains(&request.method.as_str()));
    writes.map(|request| format!("{} {}", request.method, request.target)).collect()
}

/// Returns the address and the action of each mutating step.
fn actions(plan: &Json) -> Vec<(String, String)> {
    let text = |json: &Json| json.as_str().unwrap_or_default().to_owned();
    let steps = plan["steps"].as_array().expect("steps").iter().filter(|step| step["effect"] == "changes");
    steps.map(|step| (text(&step["address"]), text(&step["change"]["action"]))).collect()
}

fn without_progress(ran: &Ran) -> String {
    let from = ran.out.find(" · plan · ").and_then(|at| ran.out[..at].rfind('\n')).map_or(0, |at| at + 1);
    Ran { code: ran.code, out: ran.out[from..].to_owned(), err: ran.err.clone() }.seen()
}

#[test]
fn it_shows_the_changes_of_a_run_and_makes_none() {
    let (cloud, place) = (Cloud::jumpstart(), Place::jumpstart());
    let before = cloud.run(&place, &LIVE);
    assert_eq!(before.code, Some(2), "{}", before.seen());
    settings().bind(|| insta::assert_snapshot!("live_before", without_progress(&before)));
    assert_eq!(writes(&cloud), Vec::<String>::new());
    assert!(!place.path().join(".arcbook").exists(), "no journal, no lock");

    let run = cloud.run(&place, &["run", "-auto-approve", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(run.code, Some(0), "{}", run.seen());
    let made = writes(&cloud);
    assert_eq!(made.len(), 2, "{made:?}");
    let after = cloud.run(&place, &LIVE);
    assert_eq!(after.code, Some(0), "{}", after.seen());
    settings().bind(|| insta::assert_snapshot!("live_after", without_progress(&after)));

    place.write("jumpstart/hosts", "127.0.0.1 localhost elsewhere\n");
    let changed = cloud.run(&place, &LIVE);
    assert_eq!(changed.code, Some(2), "{}", changed.seen());
    settings().bind(|| insta::assert_snapshot!("live_changed", without_progress(&changed)));
    assert_eq!(writes(&cloud), made);
}

#[test]
fn json_output_has_the_same_changes() {
    let (cloud, place) = (Cloud::jumpstart(), Place::jumpstart());
    let ran = cloud.run(&place, &[&LIVE[..], &["-json"]].concat());
    let plan = ran.plan();
    let expected = [("step.blob_container.uploads", "create"), ("step.blob_upload.hosts", "create")];
    assert_eq!(actions(&plan), expected.map(|(step, action)| (step.to_owned(), action.to_owned())));
    assert_eq!(
        plan["planned_changes"],
        serde_json::json!({ "create": 2, "update": 0, "replace": 0, "delete": 0, "nothing": 0, "unknown": 0 })
    );
    assert!(!ran.out.contains("run_started"), "{}", ran.seen());
    for event in
        ["refresh_started", "token_acquired", "change_checking", "change_planned", "refresh_finished"]
    {
        assert!(ran.out.contains(event), "no {event} in {}", ran.seen());
    }
}

const UPLOAD: &str = r#"
variable "word" {
  type      = string
  sensitive = true
}

step "blob_upload" "kept" {
  account      = "acc01"
  container    = "old"
  name         = "kept.txt"
  content      = var.word
  content_type = "text/html"
  metadata     = { role = "web" }
}

step "blob_upload" "closed" {
  account   = "acc99"
  container = "old"
  name      = "x.txt"
  content   = "x"
  on_error  = "continue"
}
"#;

#[test]
fn a_secret_is_in_no_difference() {
    let (cloud, place) = (Cloud::start(), Place::with(UPLOAD));
    for more in [&[][..], &["-json"]] {
        let live = [&["plan", "-live", "-var", "word=canary-8d2e"], more].concat();
        let ran = cloud.run(&place, &live);
        let text = ran.seen();
        let hidden = if more.is_empty() { "(sensitive value)" } else { r#"{"value":null,"sensitive":[[]]}"# };
        for part in [hidden, "text/html", "metadata.role"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
        // The secret's size and its digest, on which guesses could be tested.
        for secret in ["canary-8d2e", "= 11", "IrNGdTSHDVgJDSZEpRnlCQ=="] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
    }
    assert!(writes(&cloud).is_empty());
}

#[test]
fn a_failed_read_is_reported_with_the_rest_of_the_plan() {
    let runbook = r#"
    step "keyvault_secret" "missing" {
      vault = "kv01"
      name  = "missing"
    }
    step "blob_upload" "of_it" {
      account   = "acc01"
      container = "old"
      name      = "a.txt"
      content   = step.keyvault_secret.missing.value
    }
    step "blob_upload" "else" {
      account   = "acc01"
      container = "old"
      name      = "b.txt"
      content   = "b"
    }
    "#;
    let (cloud, place) = (Cloud::start(), Place::with(runbook));
    let ran = cloud.run(&place, &["plan", "-live", "-detailed-exitcode"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    settings().bind(|| insta::assert_snapshot!("live_failed", without_progress(&ran)));
    assert!(writes(&cloud).is_empty());
}

#[test]
fn the_exit_code_shows_whether_there_are_changes() {
    let reads = "step \"echo\" \"a\" { input = 1 }";
    let changes = "step \"blob_container\" \"a\" {\n  account = \"acc01\"\n  name = \"new\"\n}";
    let never = changes.replace("account", "when = false\n  account");
    let cleanup = "depends_on = [step.echo.a]\n  run_on = \"failure\"\n  account";
    let cleanup = format!("{reads}\n{}", changes.replace("account", cleanup));
    let wrong = "step \"echo\" \"a\" { input = nowhere.x }";
    let cases = [
        (reads, &["plan"][..], 0),
        (reads, &["plan", "-detailed-exitcode"], 0),
        (changes, &["plan"], 0),
        (changes, &["plan", "-detailed-exitcode"], 2),
        (&never, &["plan", "-detailed-exitcode"], 0),
        (&cleanup, &["plan", "-detailed-exitcode"], 0),
        (wrong, &["plan", "-detailed-exitcode"], 3),
        (wrong, &["plan", "-live", "-detailed-exitcode"], 3),
        (changes, &["plan", "-live", "-against", "latest"], 3),
        (changes, &["plan", "-detailed-exitcode", "-against", "latest"], 3),
    ];
    for (runbook, arguments, expected) in cases {
        let ran = Place::with(runbook).run(arguments);
        assert_eq!(ran.code, Some(expected), "{runbook} {arguments:?}: {}", ran.seen());
    }
}
