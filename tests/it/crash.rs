//! Runs that are killed at any moment and resumed: every change is made exactly once.
//!
//! The tests kill a run at one moment after another: before, during and after each write of the journal,
//! before and after each fsync, and after the lab executed a request but before it responded. By default they
//! take one moment per write; with `ARCBOOK_CRASH=all`, every moment.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::cloud::{Cloud, WORLD};
use crate::support::{Place, Ran};
use crate::victim::Victim;

const RUNBOOK: &str = r#"
step "metadata" "machine" {}

step "keyvault_secret" "word" {
  vault = "kv01"
  name  = "word"
}

step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}

step "blob_upload" "report" {
  account   = "acc01"
  container = step.blob_container.new.name
  name      = "${step.metadata.machine.name}.txt"
  content   = "a report"
  metadata  = { Machine = step.metadata.machine.name }
}

step "blob_upload" "only" {
  account     = "acc01"
  container   = step.blob_container.new.name
  name        = "only.txt"
  content     = "the report has ${step.blob_upload.report.md5}"
  create_only = true
}

step "blob_upload" "secret" {
  account   = "acc01"
  container = "old"
  name      = "secret.txt"
  content   = step.keyvault_secret.word.value
  sensitive = true
}

step "blob_upload" "replaced" {
  account    = "acc01"
  container  = "old"
  name       = "kept.txt"
  content    = "as it is now"
  depends_on = [step.blob_upload.secret]
}

output "url" { value = step.blob_upload.report.url }

output "secret" {
  value     = step.blob_upload.secret.md5
  sensitive = true
}
"#;

/// The changes of an uninterrupted run.
const CHANGES: [&str; 5] = [
    "PUT /new/only.txt",
    "PUT /new/vm-1.txt",
    "PUT /new?restype=container",
    "PUT /old/kept.txt",
    "PUT /old/secret.txt",
];

/// Returns true if the tests are to take every moment.
pub fn all() -> bool {
    std::env::var_os("ARCBOOK_CRASH").is_some_and(|size| size == "all")
}

/// Resumes a killed run, and returns the result of the resumed one.
pub fn go_on(cloud: &Cloud, place: &Place) -> Ran {
    let ran = cloud.run(place, &["run", "-auto-approve", "-resume", "latest"]);
    let is_new = ran.code == Some(3)
        && ["there is no run `latest`", "no run is on record"].iter().any(|words| ran.err.contains(words));
    if is_new || ran.code == Some(3) && ran.err.contains("there is nothing to resume") {
        // The run was killed before the first write reached the disk, or after the last.
        return cloud.run(place, &["run", "-auto-approve"]);
    }
    ran
}

/// Checks that a resumed run finished with exactly the changes of an uninterrupted one.
fn check(cloud: &Cloud, place: &Place, ran: &Ran, moment: &str) {
    assert_eq!(ran.code, Some(0), "{moment}: {}", ran.seen());
    assert!(ran.out.contains("7 of 7 steps done"), "{moment}: {}", ran.seen());
    assert!(ran.out.contains("/new/vm-1.txt\""), "{moment}: {}", ran.seen());
    assert_eq!(cloud.changes(), CHANGES, "{moment}: {}", ran.seen());
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
}

/// Checks that undo removes exactly the objects that the run created.
fn check_undo(cloud: &Cloud, place: &Place, moment: &str) {
    let undone = cloud.run(place, &["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(0), "{moment}: {}", undone.seen());
    let removed: Vec<String> =
        cloud.changes().into_iter().filter(|change| change.starts_with("DELETE")).collect();
    let expected = [
        "DELETE /new/only.txt",
        "DELETE /new/vm-1.txt",
        "DELETE /new?restype=container",
        "DELETE /old/secret.txt",
    ];
    assert_eq!(removed, expected, "{moment}: {}", undone.seen());
}

#[test]
fn killed_at_any_write_of_the_journal() {
    let step = if all() { 1 } else { 3 };
    let mut killed = 0;
    for at in (1..).step_by(step) {
        let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
        let moment = at.to_string();
        let died = Ran::killed_at(cloud.command(&place, &["run", "-auto-approve"]), at);
        if died.code.is_some() {
            // The run has no such moment, so it ran to its end.
            assert_eq!(died.code, Some(0), "{}", died.seen());
            check(&cloud, &place, &died, "uninterrupted");
            break;
        }
        killed += 1;
        let ran = go_on(&cloud, &place);
        check(&cloud, &place, &ran, &moment);
    }
    assert!(killed > 30, "only {killed} moments");
}

/// Kills a run, then its resumed runs.
#[test]
fn killed_repeatedly() {
    let step = if all() { 4 } else { 40 };
    for first in (10..150).step_by(step) {
        let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
        let die = |arguments: &[&str], at: usize| Ran::killed_at(cloud.command(&place, arguments), at);
        die(&["run", "-auto-approve"], first);
        for again in [2, 20, 50] {
            die(&["run", "-auto-approve", "-resume", "latest"], again);
        }
        let moment = format!("{first} and again");
        check(&cloud, &place, &go_on(&cloud, &place), &moment);
    }
}

/// Runs `runbook` in a lab of `world`, and kills the run when it has sent the `at`th request. Returns the lab, the
/// runbook's directory, and true if the run was killed before its end.
pub fn killed_after(at: usize, world: String, runbook: &str) -> (Cloud, Place, bool) {
    let (victim, left) = (Victim::default(), AtomicUsize::new(at));
    let watched = victim.clone();
    let cloud = Cloud::of(world, move |_| {
        if left.fetch_sub(1, Ordering::SeqCst) == 1 {
            watched.kill();
        }
    });
    let place = Place::with(runbook);
    let was_killed = victim.run(&mut cloud.command(&place, &["run", "-auto-approve"]));
    (cloud, place, was_killed)
}

#[test]
fn killed_after_any_request() {
    for at in 1.. {
        let (cloud, place, was_killed) = killed_after(at, WORLD.to_owned(), RUNBOOK);
        if !was_killed {
            assert!(at > 15, "only {at} requests");
            return;
        }
        let moment = format!("request {at}");
        check(&cloud, &place, &go_on(&cloud, &place), &moment);
        if all() || at % 3 == 0 {
            check_undo(&cloud, &place, &moment);
        }
    }
}

/// A killed run is undone without resuming it: what existed before is never removed.
#[test]
fn an_undo_after_a_kill_removes_nothing_that_existed() {
    let runbook = r#"
step "blob_container" "old" {
  account = "acc01"
  name    = "old"
}

step "blob_upload" "replaced" {
  account   = "acc01"
  container = step.blob_container.old.name
  name      = "kept.txt"
  content   = "as it is now"
}
"#;
    let mut killed = 0;
    for at in 1.. {
        let (cloud, place, was_killed) = killed_after(at, WORLD.to_owned(), runbook);
        if !was_killed {
            break;
        }
        killed += 1;
        let undone = cloud.run(&place, &["undo", "-auto-approve"]);
        let is_removal = |change: &String| change.starts_with("DELETE");
        assert!(!cloud.changes().iter().any(is_removal), "request {at}: {}", undone.seen());
        // The type itself would know the blob of another creator; the list must not even offer it.
        let was_sent = !cloud.changes().is_empty();
        let stays = undone.out.contains("= step.blob_upload.replaced: it existed before");
        assert_eq!(stays, was_sent, "request {at}: {}", undone.seen());
    }
    assert!(killed > 5, "only {killed} requests");
}
