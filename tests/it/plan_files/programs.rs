//! Programs that a plan file pins: those that are given by a path.

use super::*;
use crate::executable::executable;

/// Replaces a script, which is executable.
fn script(place: &Place, name: &str, text: &str) {
    executable(&place.path().join(name), &format!("#!/bin/sh\n{text}\n"));
}

fn exec(arguments: &str) -> String {
    format!("step \"exec\" \"a\" {{\n{arguments}\n}}\n")
}

#[test]
fn a_program_that_was_replaced_since_the_plan_does_not_run() {
    let by_name = "environment = { PATH = \"${path.cwd}/bin:/usr/bin:/bin\" }";
    let written = "step \"file\" \"s\" {\n  path    = \"bin/s.sh\"\n  content = \"#!/bin/sh\\ntouch made\\n\"\n  mode    = \"0755\"\n}\n";
    let file = "has changed since the plan was made";
    // The runbook, the file that changes after the plan, and the words of the refusal; none if the run goes on.
    let pinned = format!("the file bin/s.sh {file}");
    let cases: [(String, &str, &str); 16] = [
        (exec("argv = [\"./bin/s.sh\"]"), "bin/s.sh", &format!("the file ./bin/s.sh {file}")),
        (
            exec("argv = [\"./s.sh\"]\n directory = \"bin\""),
            "bin/s.sh",
            &format!("the file bin/./s.sh {file}"),
        ),
        (exec("argv = [\"${path.cwd}/bin/s.sh\"]"), "bin/s.sh", file),
        (
            exec("argv = [\"touch\", \"made\"]\n unless = [\"bin/s.sh\"]"),
            "bin/s.sh",
            &format!("the file bin/s.sh {file}"),
        ),
        (exec("argv = [\"bin/s.sh\"]"), "bin/other.sh", ""),
        (exec(&format!("argv = [\"s.sh\"]\n {by_name}")), "bin/s.sh", ""),
        // The script of an interpreter is the program.
        (exec("argv = [\"sh\", \"bin/s.sh\"]"), "bin/s.sh", &pinned),
        // Whatever starts the interpreter or the program.
        (exec("argv = [\"env\", \"A=1\", \"sh\", \"-e\", \"bin/s.sh\"]"), "bin/s.sh", &pinned),
        (exec("argv = [\"nice\", \"-n\", \"1\", \"bin/s.sh\"]"), "bin/s.sh", &pinned),
        (exec("argv = [\"find\", \".\", \"-exec\", \"sh\", \"bin/s.sh\", \";\"]"), "bin/s.sh", &pinned),
        (exec("argv = [\"sh\", \"-c\", \". bin/s.sh\"]"), "bin/s.sh", &pinned),
        (exec("argv = [\"sh\", \"-c\", \"cd . && A=1 bin/s.sh\"]"), "bin/s.sh", &pinned),
        (exec("argv = [\"sh\", \"-c\", \"if ! bash 'bin/s.sh'; then false; fi\"]"), "bin/s.sh", &pinned),
        // A path that only the shell puts together, and a file that is not run.
        (exec("argv = [\"sh\", \"-c\", \"\\\"$0\\\"\", \"bin/s.sh\"]"), "bin/s.sh", ""),
        (exec("argv = [\"sh\", \"-c\", \"cat bin/s.sh > made\"]"), "bin/s.sh", ""),
        // Another step writes the program.
        (
            format!("{written}{}", exec("argv = [\"./bin/s.sh\"]\n depends_on = [step.file.s]")),
            "bin/s.sh",
            "",
        ),
    ];
    for (runbook, changed, refusal) in cases {
        let place = Place::with(&runbook);
        script(&place, "bin/s.sh", "touch made");
        script(&place, "bin/other.sh", "touch made");
        let planned = place.run(&["plan", "-out", "p.plan"]);
        assert_eq!(planned.code, Some(0), "{runbook}{}", planned.seen());
        script(&place, changed, "touch made; true");
        let ran = place.run(&["run", "p.plan"]);
        let said = ran.err.replace("\n |", "");
        assert_eq!(ran.code == Some(3), !refusal.is_empty(), "{runbook}{}", ran.seen());
        assert!(said.contains(refusal), "{runbook}{}", ran.seen());
        assert_eq!(place.path().join("made").exists(), refusal.is_empty(), "{runbook}{}", ran.seen());
    }
}

#[test]
fn a_program_is_pinned_only_if_it_was_there() {
    let place = Place::with(&exec("argv = [\"./s.sh\"]"));
    assert_eq!(place.run(&["plan", "-out", "p.plan"]).code, Some(0));
    assert!(!place.run(&["show", "p.plan"]).out.contains("s.sh ("));
    script(&place, "s.sh", "touch made");
    let ran = place.run(&["run", "p.plan"]);
    assert_eq!((ran.code, place.path().join("made").exists()), (Some(0), true), "{}", ran.seen());
    assert_eq!(place.run(&["plan", "-out", "p.plan"]).code, Some(0));
    assert!(place.run(&["show", "p.plan"]).out.contains("./s.sh (sha256 "));
    std::fs::remove_file(place.path().join("s.sh")).expect("removed");
    let ran = place.run(&["run", "p.plan"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("the file ./s.sh no longer exists"), "{}", ran.seen());
}

/// The program changes between the comparison and its step.
#[test]
fn a_program_that_changes_during_the_run_does_not_run() {
    let first = "step \"exec\" \"first\" {\n  argv = [\"sh\", \"-c\", \"echo >> s.sh\"]\n}\n";
    let place =
        Place::with(&format!("{first}{}", exec("argv = [\"./s.sh\"]\n depends_on = [step.exec.first]")));
    script(&place, "s.sh", "touch made");
    assert_eq!(place.run(&["plan", "-out", "p.plan"]).code, Some(0));
    let ran = place.run(&["run", "p.plan"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("./s.sh has changed since the plan was made"), "{}", ran.seen());
    assert!(!place.path().join("made").exists());
}
