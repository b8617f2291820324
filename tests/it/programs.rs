//! Programs whose outcome decides whether they run again.

use crate::executable::executable;
use crate::support::Place;

/// Returns the content of a file.
fn read(place: &Place, name: &str) -> Option<String> {
    std::fs::read_to_string(place.path().join(name)).ok()
}

/// A run that was killed, or whose program failed, may have changed something. A resumed run makes the change again
/// exactly if the runbook says that it is needed, or that a repetition is harmless.
#[test]
fn a_program_that_may_have_run_is_run_again_only_if_the_runbook_says_so() {
    // The first program ends arcbook, or fails; a second one succeeds.
    let kill = "kill -9 $PPID";
    for (rest, first, made, expected) in [
        ("", kill, "", "set `creates` or `unless`"),
        ("", "exit 5", "", "set `creates` or `unless`"),
        ("creates = \"made\"", kill, "", "x\nx\n"),
        ("creates = \"made\"", kill, "made", "x\n"),
        ("creates = \"made\"", "exit 5", "", "x\nx\n"),
        ("creates = \"made\"", "exit 5", "made", "x\n"),
        ("unless = [\"test\", \"-e\", \"made\"]", kill, "", "x\nx\n"),
        ("unless = [\"test\", \"-e\", \"made\"]", "exit 5", "made", "x\n"),
        ("idempotent = true", kill, "", "x\nx\n"),
        ("idempotent = true", "exit 5", "", "x\nx\n"),
    ] {
        let script = format!("echo x >> log; test -e second || {{ touch second {made}; {first}; }}");
        let script = serde_json::to_string(&script).expect("JSON");
        let place = Place::with(&format!(
            "step \"exec\" \"a\" {{\n  argv = [\"sh\", \"-c\", {script}]\n  {rest}\n}}\n"
        ));
        let failed = place.run(&["run", "-auto-approve"]);
        assert_ne!(failed.code, Some(0), "{}", failed.seen());
        let shown = place.run(&["show"]).out;
        assert!(shown.contains("unconfirmed"), "{shown}");
        assert!(shown.matches("the change is unconfirmed").count() < 2, "{shown}");
        let undone = place.run(&["undo", "-plan"]);
        assert!(undone.out.contains("unconfirmed"), "{}", undone.seen());
        let resumed = place.run(&["run", "-auto-approve", "-resume", "latest"]);
        let log = read(&place, "log");
        if expected.starts_with("set") {
            assert_eq!((resumed.code, log.as_deref()), (Some(1), Some("x\n")), "{}", resumed.seen());
            assert!(resumed.err.contains(expected), "{}", resumed.seen());
            assert!(!resumed.err.contains("service"), "{}", resumed.seen());
        } else {
            assert_eq!((resumed.code, log.as_deref()), (Some(0), Some(expected)), "{}", resumed.seen());
        }
    }
}

#[test]
fn a_live_plan_says_whether_a_program_would_run() {
    let place = Place::with(
        r#"
step "exec" "needed" {
  argv    = ["true"]
  creates = "none"
}

step "exec" "made" {
  argv    = ["true"]
  creates = "there"
}

step "exec" "untold" {
  argv = ["true"]
}
"#,
    );
    place.write("there", "");
    let live = place.run(&["plan", "-live"]);
    assert_eq!(live.code, Some(0), "{}", live.seen());
    for line in [
        "+ step.exec.needed",
        "? step.exec.untold",
        "its effect is unknown: a program cannot be asked for its effect: set `creates` or `unless`",
        "1 to create",
    ] {
        assert!(live.out.contains(line), "{line}: {}", live.seen());
    }
}

#[test]
fn only_a_harmless_program_is_retried() {
    for (rest, expected) in [
        ("", "x\n"),
        ("creates = \"none\"", "x\n"),
        ("idempotent = true", "x\nx\n"),
        ("effect = \"reads\"", "x\nx\n"),
    ] {
        let place = Place::with(&format!(
            "step \"exec\" \"a\" {{\n  argv = [\"sh\", \"-c\", \"echo x >> log; exit 5\"]\n  {rest}\n  retry {{\n    attempts = 2\n    delay    = \"1ms\"\n  }}\n}}\n"
        ));
        let ran = place.run(&["run", "-auto-approve"]);
        assert_eq!((ran.code, read(&place, "log").as_deref()), (Some(1), Some(expected)), "{}", ran.seen());
        assert!(ran.err.contains("program-failed"), "{}", ran.seen());
    }
}

/// A relative program starts at the directory of the runbook, wherever arcbook itself runs.
#[test]
fn a_relative_program_starts_at_the_directory_of_the_runbook() {
    for (directory, argument) in [("", "."), ("", "book"), ("directory = \"sub\"", "book")] {
        let place = Place::new();
        let (home, inside) = if argument == "." { ("", "") } else { ("book/", "book") };
        let program = if directory.is_empty() { format!("{home}s.sh") } else { format!("{home}sub/s.sh") };
        std::fs::create_dir_all(place.path().join(inside).join("sub")).expect("a directory");
        executable(&place.path().join(&program), "#!/bin/sh\necho ran\n");
        let runbook = format!(
            "step \"exec\" \"a\" {{\n  argv = [\"./s.sh\"]\n  {directory}\n}}\n\noutput \"o\" {{\n  value = step.exec.a.stdout\n}}\n"
        );
        place.write(&format!("{home}main.runbook.hcl"), runbook);
        let ran = place.run(&["run", "-auto-approve", argument]);
        assert_eq!(ran.code, Some(0), "{argument} {directory}: {}", ran.seen());
        assert!(ran.out.contains("ran"), "{}", ran.seen());
    }
}
