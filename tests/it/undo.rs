//! `undo`, `-resume` and the lock.

use std::process::Stdio;

use arcbook_lab::Fault;
#[cfg(unix)]
use rustix::process::Signal;

use crate::cloud::Cloud;
#[cfg(unix)]
use crate::interrupt::Interrupting;
use crate::support::{Place, Ran, finished, started};

const RUNBOOK: &str = r#"
step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}

step "blob_upload" "a" {
  account   = "acc01"
  container = step.blob_container.new.name
  name      = "a.txt"
  content   = "a"
}

step "blob_upload" "old" {
  account    = "acc01"
  container  = "old"
  name       = "kept.txt"
  content    = "changed"
  depends_on = [step.blob_upload.a]
}
"#;

fn fault(cloud: &Cloud, fault: &str) {
    cloud.lab.inject(fault.parse::<Fault>().expect("a fault"));
}

fn removed(cloud: &Cloud) -> Vec<String> {
    cloud.changes().into_iter().filter(|change| change.starts_with("DELETE")).collect()
}

#[test]
fn undo_removes_the_objects_of_a_run_once() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let asked = cloud.run(&place, &["undo"]);
    assert!(asked.code == Some(1) && asked.err.contains("-auto-approve"), "{}", asked.seen());
    assert!(removed(&cloud).is_empty());
    let undone = cloud.run(&place, &["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    assert!(undone.out.contains("step.blob_upload.old: it existed before"), "{}", undone.seen());
    assert_eq!(removed(&cloud), ["DELETE /new/a.txt", "DELETE /new?restype=container"]);
    assert_eq!(place.run(&["verify"]).code, Some(0));
    let again = cloud.run(&place, &["undo", "-auto-approve"]);
    assert_eq!(again.code, Some(0), "{}", again.seen());
    assert!(again.out.contains("nothing to undo"), "{}", again.seen());
    assert_eq!(removed(&cloud).len(), 2);
    let resumed = cloud.run(&place, &["run", "-auto-approve", "-resume", "latest"]);
    assert_eq!(resumed.code, Some(3), "{}", resumed.seen());
    assert!(resumed.err.contains("was undone by"), "{}", resumed.seen());
}

#[test]
fn undo_keeps_an_object_that_somebody_else_changed() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    assert_eq!(cloud.run(&place, &["run", "-auto-approve"]).code, Some(0));
    let other = Place::with(&RUNBOOK.replace("\"a\"\n", "\"another\"\n"));
    assert_eq!(cloud.run(&other, &["run", "-auto-approve"]).code, Some(0));
    let undone = cloud.run(&place, &["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(1), "{}", undone.seen());
    for part in ["the blob has changed since", "the container is not empty"] {
        assert!(undone.err.contains(part), "no {part} in {}", undone.seen());
    }
    assert!(removed(&cloud).is_empty());
}

#[test]
fn undo_accepts_a_missing_object() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    assert_eq!(cloud.run(&place, &["run", "-auto-approve"]).code, Some(0));
    fault(&cloud, "blob:lost-answer:method=DELETE:path=a.txt");
    let undone = cloud.run(&place, &["undo", "-auto-approve"]);
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    assert_eq!(removed(&cloud).len(), 2, "{}", undone.seen());
    assert!(undone.out.contains("2 changed something"), "{}", undone.seen());
}

#[test]
fn a_failed_run_shows_the_resume_command() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    fault(&cloud, "blob:403:method=PUT:path=kept:times=1");
    let failed = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(failed.code, Some(1), "{}", failed.seen());
    let hint = failed.out.lines().find_map(|line| line.strip_prefix("To resume: arcbook "));
    let hint: Vec<&str> = hint.expect("a hint").split(' ').chain(["-auto-approve"]).collect();
    let resumed = cloud.run(&place, &hint);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    assert!(resumed.out.contains("1 changed something, 2 already done"), "{}", resumed.seen());
    assert_eq!(cloud.changes(), ["PUT /new/a.txt", "PUT /new?restype=container", "PUT /old/kept.txt"]);
    let again = cloud.run(&place, &hint);
    assert!(again.code == Some(3) && again.err.contains("was already resumed by"), "{}", again.seen());
    let undone = cloud.run(&place, &["undo", "-auto-approve"]);
    let runs = place.run(&["runs"]).out;
    let [first, second, third] = runs.lines().collect::<Vec<_>>()[..] else { panic!("{runs}") };
    let id = |line: &str| line.split(' ').next().expect("a name").to_owned();
    assert!(first.ends_with(&format!(", resumed by {}", id(second))), "{runs}");
    let (goes_on, taken) = (format!("resumes {}", id(first)), format!("undone by {}", id(third)));
    assert!(second.ends_with(&format!(", {goes_on}, {taken}")), "{runs}");
    assert!(third.ends_with(&format!(", undoes {}", id(second))), "{runs}");
    assert_eq!(removed(&cloud).len(), 2, "the resumed run is its continuation: {}", undone.seen());
}

#[test]
fn the_resume_command_names_the_journal_directory() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    fault(&cloud, "blob:403:method=PUT:path=kept:times=1");
    let failed = cloud.run(&place, &["run", "-auto-approve", "-journal", "the records"]);
    let hint = failed.out.lines().find(|line| line.starts_with("To resume: ")).expect("a hint");
    assert!(hint.ends_with(" -journal 'the records'"), "{}", failed.seen());
}

/// A file size limit has the effect of a full disk, whether or not its signal is ignored.
#[cfg(unix)]
#[test]
fn a_run_without_a_record_cannot_be_resumed() {
    let (undoes, trap) = ("runbook {\n  on_failure = \"undo\"\n}\n", "trap '' XFSZ; ");
    // Without the trap, the shell leaves the signal as it is: it would end the program.
    for (settings, trap) in [("", trap), (undoes, trap), ("", "")] {
        let (cloud, place) = (Cloud::start(), Place::with(&format!("{settings}{RUNBOOK}")));
        let run = cloud.command(&place, &["run", "-auto-approve"]);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", &format!("{trap}ulimit -f 0; exec \"$0\" \"$@\"")]).arg(run.get_program());
        command.args(run.get_args()).current_dir(place.path()).env_clear();
        command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ran = Ran::of(command.output().expect("the program"));
        assert!(ran.code == Some(1) && ran.err.contains("not-recorded"), "{}", ran.seen());
        assert!(!ran.out.contains("To resume") && !ran.err.contains("error[journal]"), "{}", ran.seen());
        assert_eq!(cloud.changes(), [""; 0]);
    }
}

#[test]
fn undo_removes_an_object_whose_creation_response_was_lost() {
    for path in ["restype=container", "a.txt"] {
        let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
        fault(&cloud, &format!("blob:lost-answer:method=PUT:path={path}"));
        let ran = cloud.run(&place, &["run", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        assert!(ran.out.contains("3 changed something"), "{}", ran.seen());
        assert_eq!(cloud.changes().len(), 3, "{path}: {:?}", cloud.changes());
        cloud.run(&place, &["undo", "-auto-approve"]);
        assert_eq!(removed(&cloud).len(), 2, "{path}");
    }
}

#[test]
fn undo_keeps_an_object_that_somebody_else_created_after_a_lost_request() {
    let container = |retry| {
        format!("step \"blob_container\" \"new\" {{\n  account = \"acc01\"\n  name    = \"new\"\n{retry}}}\n")
    };
    for is_resumed in [true, false] {
        let (cloud, place) = (Cloud::start(), Place::with(&container("  retry { attempts = 1 }\n")));
        fault(&cloud, "blob:reset:method=PUT:times=1");
        let lost = cloud.run(&place, &["run", "-auto-approve"]);
        assert_eq!(lost.code, Some(1), "{}", lost.seen());
        let other = Place::with(&container(""));
        assert_eq!(cloud.run(&other, &["run", "-auto-approve"]).code, Some(0));
        if is_resumed {
            let resumed = cloud.run(&place, &["run", "-auto-approve", "-resume", "latest"]);
            assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
        }
        let undone = cloud.run(&place, &["undo", "-auto-approve"]);
        assert_eq!(undone.code, Some(0), "{}", undone.seen());
        assert!(removed(&cloud).is_empty(), "{}", undone.seen());
        cloud.run(&other, &["undo", "-auto-approve"]);
        assert_eq!(removed(&cloud), ["DELETE /new?restype=container"]);
    }
}

#[test]
fn a_runbook_can_request_undo_on_failure() {
    let runbook = format!("runbook {{\n  on_failure = \"undo\"\n}}\n{RUNBOOK}");
    let (cloud, place) = (Cloud::start(), Place::with(&runbook));
    fault(&cloud, "blob:403:method=PUT:path=kept:times=1");
    let failed = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(failed.code, Some(1), "{}", failed.seen());
    assert_eq!(removed(&cloud), ["DELETE /new/a.txt", "DELETE /new?restype=container"]);
    assert!(!failed.out.contains("-resume"), "{}", failed.seen());
    fault(&cloud, "blob:403:method=PUT:path=kept:times=1");
    let failed = cloud.run(&place, &["run", "-auto-approve", "-json"]);
    assert!(failed.code == Some(1) && failed.out.contains("\"undoes\""), "{}", failed.seen());
    for line in failed.out.lines() {
        let object = serde_json::from_str::<serde_json::Value>(line);
        assert!(object.is_ok_and(|object| object.is_object()), "{line:?} in {}", failed.seen());
    }
}

/// An interrupt arrives after the first removal.
#[cfg(unix)]
#[test]
fn an_interrupted_undo_shows_how_to_continue() {
    let runbook = format!("runbook {{\n  on_failure = \"undo\"\n}}\n{RUNBOOK}");
    let lab = Interrupting::new("DELETE", Signal::INT);
    let cloud = &lab.cloud;
    let place = Place::with(&runbook);
    fault(cloud, "blob:403:method=PUT:path=kept:times=1");
    let ran = lab.run(&mut cloud.command(&place, &["run", "-auto-approve", "-journal", "records"]));
    assert_eq!(ran.code, Some(130), "{}", ran.seen());
    assert_eq!(removed(cloud).len(), 1, "{}", ran.seen());
    let hint = ran.out.lines().find_map(|line| line.strip_prefix("To continue: arcbook "));
    let hint: Vec<&str> = hint.expect("a hint").split(' ').chain(["-auto-approve"]).collect();
    fault(cloud, "blob:403:method=DELETE:times=1");
    let failed = cloud.run(&place, &hint);
    assert_eq!(failed.code, Some(1), "{}", failed.seen());
    assert!(failed.out.contains("To continue: arcbook undo"), "{}", failed.seen());
    let undone = cloud.run(&place, &hint);
    assert_eq!(undone.code, Some(0), "{}", undone.seen());
    assert!(!undone.out.contains("To continue"), "{}", undone.seen());
    assert_eq!(removed(cloud).len(), 2, "{}", undone.seen());
}

#[test]
fn one_run_of_a_runbook_at_a_time() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    fault(&cloud, "blob:delay:ms=60000:method=PUT");
    let mut command = cloud.command(&place, &["run", "-auto-approve"]);
    let mut first = started(command.stdout(Stdio::piped()));
    // The first line is the cloud's name; the second follows once the program has the lock.
    let output = std::io::BufReader::new(first.stdout.take().expect("a pipe"));
    let mut lines = std::io::BufRead::lines(output);
    let line = lines.nth(1).expect("a line").expect("read");
    let run = line.split(' ').nth(1).expect("the name of the run").to_owned();
    let second = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(second.code, Some(1), "{}", second.seen());
    let expected = format!("is being run by process {}, as {run}", first.id());
    assert!(second.err.contains(&expected), "no {expected} in {}", second.seen());
    assert!(second.err.contains("error[runbook-locked]"), "{}", second.seen());
    // The lock is on the runbook, whatever the path and the user.
    let elsewhere = Place::new();
    let (whole, file) = (place.path(), place.path().join("main.runbook.hcl"));
    for (path, home) in [(whole, true), (&file, true), (whole, false), (&file, false)] {
        let mut command = cloud.command(&elsewhere, &["run", "-auto-approve"]);
        let states = ["HOME", "LOCALAPPDATA"];
        command.arg(path).envs(states.map(|name| (name, place.path().join("home"))));
        if !home {
            for name in states {
                command.env_remove(name);
            }
        }
        let other = Ran::of(finished(&mut command));
        assert!(other.code == Some(1) && other.err.contains("[runbook-locked]"), "{}", other.seen());
        assert_eq!(other.err.contains(&expected), home, "{}", other.seen());
    }
    // Whoever may read the directory can hold the lock without a run, and is named.
    #[cfg(target_os = "linux")]
    {
        let held = Place::with(RUNBOOK);
        let lock = arcbook_os::lock::DirectoryLock::acquire(held.path()).expect("free");
        let refused = cloud.run(&held, &["run", "-auto-approve"]);
        assert_eq!(refused.code, Some(1), "{}", refused.seen());
        for part in [&format!("is locked by process {} (`", std::process::id()), "of the user ", "chmod o-rx"]
        {
            assert!(refused.err.contains(part), "no {part} in {}", refused.seen());
        }
        drop(lock);
    }
    // The kernel releases the lock when the process ends.
    first.kill().expect("killed");
    let _ = first.wait();
    let third = Cloud::start().run(&place, &["run", "-auto-approve", "-lock-timeout", "10s"]);
    assert_eq!(third.code, Some(0), "{}", third.seen());
}
