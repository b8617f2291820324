//! Messages about the programs and files of this machine, which are no services.

use crate::support::Place;

/// A program whose output is sensitive, and a step that needs it and fails at first.
const SECRET: &str = r#"
variable "pw" {
  type      = string
  sensitive = true
  default   = "canary-1"
}

step "exec" "secret" {
  argv  = ["cat"]
  stdin = var.pw
}

step "exec" "user" {
  argv  = ["sh", "-c", "cat > /dev/null; test -e there"]
  stdin = step.exec.secret.stdout
}
"#;

const SLOW: &str = "step \"exec\" \"slow\" {\n  argv    = [\"sleep\", \"20\"]\n  timeout = \"50ms\"\n}\n";

const FAILS: &str = "step \"exec\" \"a\" {\n  argv = [\"false\"]\n}\n";

const LEFT: &str =
    "step \"exec\" \"a\" {\n  argv = [\"true\"]\n}\n\nstep \"exec\" \"b\" {\n  argv = [\"false\"]\n}\n";

#[cfg(unix)]
#[test]
fn messages_about_this_machine_name_no_service() {
    let run = &["run", "-auto-approve"][..];
    let resume = &["run", "-auto-approve", "-resume", "latest"][..];
    for (runbook, commands, expected) in [
        (SLOW, &[run][..], "raise the `timeout` of the step, or find out what takes so long"),
        (FAILS, &[run], "error[program-failed]: the program ended with exit code 1"),
        (FAILS, &[run, resume], "check its effect yourself, then start a new run: leave out `-resume`"),
        (
            FAILS,
            &[run, resume],
            "and arcbook cannot find out: a program cannot be asked for its effect: set `creates` or `unless`",
        ),
        (SECRET, &[run, resume], "the results of this step hold secrets, which no record has"),
        (SECRET, &[run, resume], "its results cannot be queried in that state any more"),
        (LEFT, &[run, &["undo", "-plan"]], "= step.exec.a: the effect of a program cannot be undone"),
        (
            LEFT,
            &[run, &["undo", "-plan"]],
            "= step.exec.b: the change is unconfirmed, and the effect of a program cannot be undone: check it",
        ),
    ] {
        let place = Place::with(runbook);
        let rans: Vec<_> = commands.iter().map(|command| place.run(command)).collect();
        let ran = rans.last().expect("a command");
        let seen = ran.seen().replace("\n          ", " ");
        assert!(seen.contains(expected), "{expected}: {seen}");
        assert!(!seen.contains("service") && !seen.contains("resource"), "{seen}");
    }
}

/// A command line in place of a list is the commonest mistake.
#[test]
fn a_text_in_place_of_a_list_is_answered_with_the_list() {
    for (argument, remedy) in [
        ("argv = \"ls -l\"", Some("write a list: `[\"ls\", \"-l\"]`")),
        ("argv = \"ls\"", Some("write a list: `[\"ls\"]`")),
        ("argv = [\"ls\"]\n  inherit_environment = \"PATH\"", Some("write a list: `[\"PATH\"]`")),
        ("argv = var.pw", None),
        ("argv = 1", None),
    ] {
        let secret = "variable \"pw\" {\n  sensitive = true\n  default   = \"canary 1\"\n}\n";
        let place = Place::with(&format!("{secret}\nstep \"exec\" \"a\" {{\n  {argument}\n}}\n"));
        let ran = place.run(&["validate"]);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert_eq!(ran.err.contains("write a list"), remedy.is_some(), "{}", ran.seen());
        assert!(ran.err.contains(remedy.unwrap_or_default()), "{}", ran.seen());
        assert!(!ran.seen().contains("canary"), "{}", ran.seen());
    }
}
