//! Steps that let time pass, as users see them.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::Place;

const RUNBOOK: &str = r#"
step "wait" "settle" {
  duration = "30s"
}

step "echo" "after" {
  input      = "after"
  depends_on = [step.wait.settle]
}

output "after" {
  value = step.echo.after.output
}
"#;

#[test]
fn no_plan_waits() {
    let ran = Place::with(RUNBOOK).run(&["plan", "-live"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("it waits only in a run"), "{}", ran.seen());
}

#[test]
fn a_wait_ends_at_the_first_interrupt() {
    let place = Place::with(RUNBOOK);
    let mut command = place.command(&["run"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut seen = String::new();
    while !seen.contains("step.wait.settle: waits for 30.0 s") {
        assert!(out.read_line(&mut seen).expect("text") > 0, "{seen}");
    }
    kill_process(Pid::from_child(&child), Signal::INT).expect("sent");
    out.read_to_string(&mut seen).expect("text");
    assert_eq!(child.wait().expect("ended").code(), Some(130), "{seen}");
    assert!(!seen.contains("step.wait.settle: done") && !seen.contains("after: done"), "{seen}");
}

#[test]
fn a_wait_ends_with_the_time_limit_of_its_step() {
    let place =
        Place::with(&RUNBOOK.replace("duration = \"30s\"", "duration = \"30s\"\n  timeout  = \"10ms\""));
    let ran = place.run(&["run"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.out.contains("step.wait.settle: failed"), "{}", ran.seen());
}

#[test]
fn a_condition_that_is_known_to_be_false_fails_the_plan() {
    let text = "step \"assert\" \"a\" {\n  condition = 1 > 2\n  message   = \"No luck.\"\n}\n";
    let ran = Place::with(text).run(&["plan"]);
    assert!(ran.code != Some(0), "{}", ran.seen());
    assert!(ran.err.contains("`condition` is false") && ran.err.contains("No luck."), "{}", ran.seen());
    // A condition on the results of a step fails the run, before its dependents.
    let text = r#"
        step "exec" "size" {
          argv   = ["printf", "3"]
          effect = "reads"
        }
        step "assert" "enough" {
          assertion {
            condition = tonumber(step.exec.size.stdout) > 5
            message   = "There is too little."
          }
          assertion {
            condition = tonumber(step.exec.size.stdout) > 4
            message   = "There is much too little."
          }
        }
        step "file" "made" {
          path       = "made"
          content    = ""
          depends_on = [step.assert.enough]
        }
    "#;
    let place = Place::with(text);
    for arguments in [&["plan", "-live"][..], &["run", "-auto-approve"]] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        for message in ["There is too little.", "There is much too little."] {
            assert!(ran.err.contains(message), "{}", ran.seen());
        }
    }
    assert!(!place.path().join("made").exists());
}
