//! Signals that stop a run.

use std::process::Command;

use rustix::process::Signal;

use crate::interrupt::Interrupting;
use crate::support::{Place, Ran};

const RUNBOOK: &str = r#"
step "blob_upload" "a" {
  account   = "acc01"
  container = "old"
  name      = "a.txt"
  content   = "a"
}

step "blob_upload" "b" {
  account    = "acc01"
  container  = "old"
  name       = "b.txt"
  content    = "b"
  depends_on = [step.blob_upload.a]
}
"#;

/// Runs the runbook and sends the signal at its first change; the program starts with the signal `ignored`
/// ignored.
fn signalled(signal: Signal, ignored: Option<&str>) -> (Ran, usize, String) {
    let lab = match ignored {
        None => Interrupting::new("PUT", signal),
        Some(_) => Interrupting::ignored("PUT", signal),
    };
    let place = Place::with(RUNBOOK);
    let run = lab.cloud.command(&place, &["run", "-auto-approve"]);
    let mut command = Command::new("sh");
    let trap = ignored.map_or_else(String::new, |name| format!("trap '' {name}; "));
    command.args(["-c", &format!("{trap}exec \"$0\" \"$@\"")]).arg(run.get_program()).args(run.get_args());
    command.current_dir(place.path()).env_clear();
    command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let ran = lab.run(&mut command);
    (ran, lab.cloud.changes().len(), place.run(&["show"]).out)
}

#[test]
fn each_signal_stops_a_run_after_the_steps_in_flight() {
    // Only Linux shows whether a signal was ignored before.
    let hangup = cfg!(target_os = "linux").then_some((Signal::HUP, "the terminal was closed (SIGHUP)"));
    for (signal, words) in [(Signal::INT, "Ctrl-C"), (Signal::TERM, "SIGTERM")].into_iter().chain(hangup) {
        let (ran, changes, shown) = signalled(signal, None);
        assert_eq!((ran.code, changes), (Some(130), 1), "{signal:?}: {}", ran.seen());
        assert!(ran.out.contains("To resume: arcbook run"), "{signal:?}: {}", ran.seen());
        assert!(shown.contains(&format!("stopped: {words}\n")), "{signal:?}: {shown}");
    }
}

/// `nohup` ignores signals, as shells do for background jobs.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_that_was_ignored_before_stays_ignored() {
    for (signal, name) in [(Signal::HUP, "HUP"), (Signal::INT, "INT"), (Signal::TERM, "TERM")] {
        let (ran, changes, _) = signalled(signal, Some(name));
        assert_eq!((ran.code, changes), (Some(0), 2), "{name}: {}", ran.seen());
    }
}
