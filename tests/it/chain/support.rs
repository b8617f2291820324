//! Creates runs that were stopped, and changes what they left.

use std::fs;
use std::path::PathBuf;

use arcbook_engine::journal::Digest;
use arcbook_lab::Fault;

use crate::cloud::Cloud;
use crate::support::{Place, Ran};

/// A runbook that creates a container and uploads three blobs; the fault `FAILS` makes the last upload fail.
pub const RUNBOOK: &str = r#"
variable "account" { default = "acc01" }

step "blob_container" "new" {
  account = var.account
  name    = "new"
}

step "blob_upload" "a" {
  account   = var.account
  container = step.blob_container.new.name
  name      = "a.txt"
  source    = "a.txt"
}

step "blob_upload" "b" {
  account   = var.account
  container = step.blob_container.new.name
  name      = "b.txt"
  content   = "b"
}

step "blob_upload" "old" {
  account    = "acc01"
  container  = "old"
  name       = "kept.txt"
  content    = "changed"
  depends_on = [step.blob_upload.a, step.blob_upload.b]
}
"#;

pub const FAILS: &str = "blob:403:method=PUT:path=kept:times=1";

pub const RESUME: [&str; 4] = ["run", "-auto-approve", "-resume", "latest"];

pub const UNDO: [&str; 2] = ["undo", "-auto-approve"];

pub fn place() -> Place {
    let place = Place::with(RUNBOOK);
    place.write("a.txt", "a");
    place
}

pub fn fault(cloud: &Cloud, fault: &str) {
    cloud.lab.inject(fault.parse::<Fault>().expect("a fault"));
}

/// Creates a place with a run that failed at its last step.
pub fn stopped(cloud: &Cloud) -> Place {
    let place = place();
    fault(cloud, FAILS);
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    place
}

/// Returns the names of the runs, oldest first.
pub fn runs(place: &Place) -> Vec<String> {
    let lines = place.run(&["runs"]).out;
    lines.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

pub fn record(place: &Place, run: &str) -> PathBuf {
    place.path().join(format!(".arcbook/runs/{run}.jsonl"))
}

/// Returns the requests with this method that changed something.
pub fn changes(cloud: &Cloud, method: &str) -> Vec<String> {
    cloud.changes().into_iter().filter(|change| change.starts_with(method)).collect()
}

pub fn holds(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    // The program wraps messages at the width of the terminal.
    let said = [ran.out.as_str(), ran.err.as_str()].concat().split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.replace(" | ", " ");
    for part in parts {
        assert!(said.contains(part), "no {part} in {}", ran.seen());
    }
}

/// Undoes the last run with a copy of the place, so that the original records do not show it.
pub fn taken_away(cloud: &Cloud, place: &Place) {
    let copy = Place::new();
    for (path, content) in place.files() {
        let name = path.strip_prefix(place.path()).expect("within").to_string_lossy().into_owned();
        copy.write(&name, content);
    }
    let run = runs(place).pop().expect("a run");
    holds(&cloud.run(&copy, &[&UNDO[..], &[&run]].concat()), 0, &[]);
}

/// Runs the runbook from another place, as another user would.
pub fn somebody_else(cloud: &Cloud, runbook: &str) {
    let other = Place::with(runbook);
    other.write("a.txt", "a");
    holds(&cloud.run(&other, &["run", "-auto-approve"]), 0, &[]);
}

pub const OVERWRITES: &str = r#"
step "blob_upload" "a" {
  account   = "acc01"
  container = "new"
  name      = "a.txt"
  content   = "somebody else's"
}
"#;

pub const CONTAINER: &str = r#"
step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}
"#;

/// Rewrites a record with a valid hash chain.
pub fn forged(place: &Place, run: &str, change: impl Fn(&str) -> String) {
    let path = record(place, run);
    let mut prev = "0".repeat(64);
    let mut forged = String::new();
    for line in fs::read_to_string(&path).expect("a record").lines() {
        let line = change(line);
        let line = format!(
            "{{\"prev\":\"{prev}\"{}",
            &line[line.find("\",\"seq\"").or_else(|| line.find("\",\"heads\"")).expect("a member") + 1..]
        );
        prev = Digest::of(line.as_bytes()).to_string();
        forged.push_str(&line);
        forged.push('\n');
    }
    fs::write(path, forged).expect("written");
}
