//! The first pages of plans and records at several widths.

use crate::support::{OWN_SECRET, Place, Ran, settings};

const WIDTHS: [&str; 3] = ["60", "100", "200"];

/// Runs the program as if its output were `width` columns wide.
fn at(place: &Place, width: &str, arguments: &[&str]) -> Ran {
    Ran::of(place.command(arguments).env("COLUMNS", width).output().expect("the program"))
}

/// Returns the settings of a snapshot of a page, without what differs from run to run.
fn page_settings() -> insta::Settings {
    let mut settings = settings();
    settings.add_filter(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ", "[date]");
    settings.add_filter(r"\b[0-9a-f]{8}…", "[sha256]…");
    settings.add_filter(r"\d\d:\d\d:\d\d\.\d{3}Z", "[time of day]");
    settings.add_filter(r"(?m)^Made by .*$", "Made by [who]");
    settings.add_filter(r"(?m)^With .*(\n {12}.*)*", "With        [versions]");
    // With a long duration, it has little room, or stands on a line of its own.
    settings.add_filter(r"(?:\n {2}| {2,})(LAB|nothing was sent|AzureCloud)", " [right] $1");
    settings
}

/// Takes a snapshot of the output at each width.
fn snapshots(name: &str, place: &Place, arguments: &[&str]) {
    let settings = page_settings();
    for width in WIDTHS {
        let ran = at(place, width, arguments);
        settings.bind(|| insta::assert_snapshot!(format!("{name}_{width}"), ran.seen()));
        let too_long = |line: &&str| line.chars().count() > width.parse().expect("a number");
        // A word that fits in no line keeps its length.
        let has_room = |line: &&str| line.split_whitespace().all(|word| word.chars().count() + 12 < 60);
        let long: Vec<&str> = ran.out.lines().filter(has_room).filter(too_long).collect();
        assert!(long.is_empty(), "{name} at {width}: {long:?}");
    }
}

#[test]
fn the_operator_plans_and_runs() {
    let place = Place::jumpstart_with_secret(OWN_SECRET);
    snapshots("operator_plan", &place, &["plan", "-var", "file=hosts", "jumpstart"]);
    let ran = place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    snapshots("operator_show", &place, &["show"]);
}

/// A runbook like an onboarding of many machines.
const MANY: &str = r#"
variable "password" {
  type      = string
  sensitive = true
  default   = "hunter2hunter2"
}

locals {
  machines = [for number in range(500) : format("machine%03d", number)]
}

step "metadata" "machine" {}

step "keyvault_secret" "key" {
  for_each = toset(local.machines)
  vault    = "kv01"
  name     = each.key
}

step "blob_container" "reports" {
  account = "acc01"
  name    = "reports"
}

step "blob_upload" "report" {
  for_each  = toset(local.machines)
  account   = "acc01"
  container = step.blob_container.reports.name
  name      = "${each.key}/報告.json"
  content   = jsonencode({ key = step.keyvault_secret.key[each.key].value, password = var.password })
}

step "arm_resource" "old" {
  id     = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/old"
  absent = true
}

output "urls" {
  value = length(step.blob_upload.report)
}
"#;

#[test]
fn the_automator_plans_500_instances() {
    let place = Place::with(MANY);
    snapshots("automator_plan", &place, &["plan"]);
    let lines = at(&place, "100", &["plan"]).out.lines().count();
    assert!(lines < 80, "500 instances take {lines} lines");
    let verbose = place.run(&["plan", "-verbose"]);
    assert!(verbose.out.contains("step.blob_upload.report[\"machine499\"]"), "every step is there");
    for view in [&["plan"][..], &["plan", "-verbose", "-requests"]] {
        let seen = place.run(view).seen();
        assert!(!seen.contains("hunter2"), "a secret is shown by {view:?}");
    }
}

#[test]
fn the_auditor_reads_plans_and_failed_runs() {
    let place = Place::jumpstart();
    let planned = place.run(&["plan", "-var", "file=hosts", "-out", "book.plan", "jumpstart"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    snapshots("auditor_plan", &place, &["show", "-requests", "book.plan"]);
    let failed = ["run", "-lab", "-var", "file=hosts", "-fault", "keyvault:403:times=always", "jumpstart"];
    let ran = place.run(&failed);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let mut settings = page_settings();
    settings.add_filter(r"(?m)^Read .*(\n {12}.*)*", "Read [in any order]");
    settings.bind(|| {
        let seen = at(&place, "100", &["show"]).out;
        insta::assert_snapshot!("auditor_show_failed_100", seen);
    });
}

#[test]
fn the_challenge_for_a_token_is_no_request_for_people() {
    let place = Place::jumpstart();
    place.run(&["run", "-lab", "-var", "file=hosts", "jumpstart"]);
    let (requests, events) = (place.run(&["show", "-requests"]).out, place.run(&["show", "-events"]).out);
    assert!(!requests.contains("answered 401") && requests.contains("(page 3)"), "{requests}");
    assert_eq!(requests.matches("/oauth2/token").count(), 3, "{requests}");
    assert!(events.contains("answered 401"), "the events are complete: {events}");
}
