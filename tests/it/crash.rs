//! Killed anywhere, a run goes on: no change is made twice, and none is lost.
//!
//! A run is killed at one moment after another: before, in the middle of and after each write of the journal, before and
//! after each sync of it, and whenever the lab has carried out a request and not yet answered it. By default one moment
//! of each write is taken; with `ARCBOOK_CRASH=all`, every one.

use std::process::Stdio;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rustix::process::{Pid, Signal};

use crate::cloud::Cloud;
use crate::support::{Place, Ran};

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

/// What an uninterrupted run changes.
const CHANGES: [&str; 5] = [
    "PUT /new/only.txt",
    "PUT /new/vm-1.txt",
    "PUT /new?restype=container",
    "PUT /old/kept.txt",
    "PUT /old/secret.txt",
];

fn all() -> bool {
    std::env::var_os("ARCBOOK_CRASH").is_some_and(|size| size == "all")
}

/// Goes on after a crash, until the run is done; gives what it said last.
fn go_on(cloud: &Cloud, place: &Place) -> Ran {
    let ran = cloud.run(place, &["run", "-auto-approve", "-resume", "latest"]);
    let is_new = ran.code == Some(3) && ran.err.contains("there is no run `latest`");
    if is_new || ran.code == Some(3) && ran.err.contains("there is nothing to go on from") {
        // It was killed before anything was on the disk, or after everything was.
        return cloud.run(place, &["run", "-auto-approve"]);
    }
    ran
}

/// What must be true when a run was killed and has gone on.
fn check(cloud: &Cloud, place: &Place, ran: &Ran, moment: &str) {
    assert_eq!(ran.code, Some(0), "{moment}: {}", ran.seen());
    assert!(ran.out.contains("7 of 7 steps done"), "{moment}: {}", ran.seen());
    assert!(ran.out.contains("/new/vm-1.txt\""), "{moment}: {}", ran.seen());
    assert_eq!(cloud.changes(), CHANGES, "{moment}: {}", ran.seen());
    let verified = place.run(&["verify"]);
    assert_eq!(verified.code, Some(0), "{moment}: {}", verified.seen());
}

/// Whatever happened on the way: what was created is known to be, and nothing else.
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
        let died = cloud
            .command(&place, &["run", "-auto-approve"])
            .env("ARCBOOK_TEST_DIE_AT", &moment)
            .output()
            .expect("the program");
        let died = Ran::of(died);
        if died.code.is_some() {
            // There is no such moment any more: it ran to its end.
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

/// A run that is killed, and killed again while it goes on.
#[test]
fn killed_again_and_again() {
    let step = if all() { 4 } else { 40 };
    for first in (10..150).step_by(step) {
        let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
        let die = |arguments: &[&str], at: usize| {
            let mut command = cloud.command(&place, arguments);
            command.env("ARCBOOK_TEST_DIE_AT", at.to_string()).output().expect("the program").status.code()
        };
        die(&["run", "-auto-approve"], first);
        for again in [2, 20, 50] {
            die(&["run", "-auto-approve", "-resume", "latest"], again);
        }
        let moment = format!("{first} and again");
        check(&cloud, &place, &go_on(&cloud, &place), &moment);
    }
}

/// The program that is to be killed, and how many requests it may make until then.
struct Victim {
    process: Mutex<Option<Pid>>,
    left: AtomicUsize,
}

impl Victim {
    fn one_request_less(&self) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            let process = self.process.lock().expect("whole").expect("it is running");
            rustix::process::kill_process(process, Signal::KILL).expect("killed");
        }
    }
}

#[test]
fn killed_when_a_request_was_carried_out() {
    for at in 1.. {
        let victim = Arc::new(Victim { process: Mutex::default(), left: AtomicUsize::new(at) });
        let watched = Arc::clone(&victim);
        let (cloud, place) = (Cloud::watched(move |_| watched.one_request_less()), Place::with(RUNBOOK));
        // The lab waits for it: no request is answered before it is known whom to kill.
        let mut process = victim.process.lock().expect("whole");
        let mut command = cloud.command(&place, &["run", "-auto-approve"]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program");
        *process = Some(Pid::from_child(&child));
        drop(process);
        let ended = child.wait_with_output().expect("ours").status;
        if ended.code().is_some() {
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
