//! The command that goes on after a run or an undo: it is named only if it would do something.

use crate::chain::holds;
use crate::support::Place;

/// Runs a program whose effect nobody can ask for, and which fails.
const FAILS: &str = "step \"exec\" \"z\" {\n  argv = [\"false\"]\n}\n";

/// Runs a program that fails, and that a resumed run may start again.
const AGAIN: &str = "step \"exec\" \"z\" {\n  argv       = [\"false\"]\n  idempotent = true\n}\n";

/// Waits for it.
const AFTER: &str = "step \"exec\" \"y\" {\n  argv       = [\"true\"]\n  depends_on = [step.exec.z]\n}\n";

/// Waits for that step in turn, and cleans up.
const CLEANS: &str = "step \"exec\" \"x\" {\n  argv       = [\"true\"]\n  run_on     = \"always\"\n  depends_on = [step.exec.y]\n}\n";

/// Changes something that can be undone before it.
const FILE: &str = "step \"file\" \"motd\" {\n  path    = \"motd\"\n  content = \"new\"\n}\n";

const RESUME: &str = "To resume: arcbook run -resume ";
const STUCK: &str = "A resumed run would do nothing: it would stop at step.exec.z again.";
const UNDO: &str = "To undo what it changed: arcbook undo ";
const LAB: &str = "To undo what it changed on this machine: arcbook undo ";

#[test]
fn a_command_is_named_only_if_it_would_do_something() {
    let last = FAILS.replace("argv ", "depends_on = [step.file.motd]\n  argv ");
    let cases: [(&str, String, &[&str], &[&str]); 8] = [
        ("its effect is unknown", FAILS.to_owned(), &[], &[STUCK]),
        ("all others wait for it", format!("{FAILS}{AFTER}"), &[], &[STUCK]),
        ("it may be repeated", format!("{AGAIN}{AFTER}"), &[], &[RESUME]),
        ("the cleanup has run", format!("{FAILS}{AFTER}{CLEANS}"), &[], &[STUCK]),
        ("a change before it can be undone", format!("{FILE}{last}"), &[], &[STUCK, UNDO]),
        ("the lab is gone", FAILS.to_owned(), &["-lab"], &[]),
        ("the lab is gone, and nothing waits", format!("{AGAIN}{AFTER}"), &["-lab"], &[]),
        ("the lab is gone, the file is not", format!("{FILE}{last}"), &["-lab"], &[LAB]),
    ];
    for (name, runbook, options, expected) in cases {
        let place = Place::with(&runbook);
        let ran = place.run(&[&["run", "-auto-approve"], options].concat());
        holds(&ran, 1, expected);
        for hint in [RESUME, STUCK, UNDO, LAB] {
            assert_eq!(ran.out.contains(hint), expected.contains(&hint), "{name}: {hint}: {}", ran.seen());
        }
        let shown = place.run(&["show"]);
        let is_named = shown.out.contains("arcbook run -resume ");
        assert_eq!(is_named, expected.contains(&RESUME), "{name}: {}", shown.seen());
    }
}

/// A resumed run that refuses as before names no command, and one of the lab does not name an undo of nothing.
#[test]
fn a_refused_run_names_no_command_that_is_refused_too() {
    let place = Place::with(FAILS);
    holds(&place.run(&["run", "-auto-approve"]), 1, &[]);
    let again = place.run(&["run", "-auto-approve", "-resume", "latest"]);
    holds(&again, 1, &[STUCK]);
    assert!(!again.out.contains(RESUME), "{}", again.seen());
    let lab = Place::with(FAILS);
    holds(&lab.run(&["run", "-lab", "-auto-approve"]), 1, &[]);
    let refused = lab.run(&["run", "-auto-approve", "-resume", "latest"]);
    holds(&refused, 3, &["it used the embedded lab", "start a new run, or name another one"]);
    assert!(!refused.err.contains("arcbook undo"), "{}", refused.seen());
}

/// Somebody changed the file of the run: an undo leaves it, today and tomorrow.
#[test]
fn an_undo_that_leaves_everything_is_not_continued() {
    let other = FILE.replace("motd", "other");
    for files in [FILE.to_owned(), format!("{FILE}{other}")] {
        let place = Place::with(&files);
        holds(&place.run(&["run", "-auto-approve"]), 0, &[]);
        place.write("motd", "by hand");
        let undone = place.run(&["undo", "-auto-approve"]);
        holds(&undone, 1, &["Another undo would do nothing: it would stop at step.file.motd again."]);
        assert!(!undone.out.contains("To continue"), "{}", undone.seen());
        let shown = place.run(&["show"]);
        assert!(!shown.out.contains("Next "), "{}", shown.seen());
    }
}
