//! The run that `latest` refers to.

use crate::chain::holds;
use crate::support::Place;

const RUNBOOK: &str = r#"
step "file" "a" {
  path    = "a.txt"
  content = "a"
}

output "path" {
  value = step.file.a.path
}
"#;

/// An undo has no results, so whoever wants the results of a runbook gets those of its newest run. `show` and
/// `verify` take the newest record.
#[test]
fn only_a_run_has_results() {
    let place = Place::with(RUNBOOK);
    holds(&place.run(&["run", "-auto-approve"]), 0, &[]);
    holds(&place.run(&["undo", "-auto-approve"]), 0, &[]);
    place.write("input", "output.path\n");
    let console = place.command(&["console", "-run", "latest"]).stdin(input(&place)).output();
    let console = crate::support::Ran::of(console.expect("the program"));
    holds(&console, 0, &["a.txt"]);
    holds(&place.run(&["output", "path"]), 0, &["a.txt"]);
    holds(&place.run(&["output", "latest", "path"]), 0, &["a.txt"]);
    let run = place.run(&["runs"]).out.split(' ').next().expect("a run").to_owned();
    holds(&place.run(&["plan", "-against", "latest"]), 0, &[&run]);
    holds(&place.run(&["undo", "latest", "-plan"]), 0, &["There is nothing to undo", &run]);
    holds(&place.run(&["show"]), 0, &["undo of"]);
    holds(&place.run(&["show", "latest"]), 0, &["undo of"]);
}

#[test]
fn without_a_run_the_reason_is_told() {
    let place = Place::with(RUNBOOK);
    for command in [&["console", "-run", "latest"][..], &["output"]] {
        let ran = place.run(command);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(ran.err.contains("no run is on record: there is no directory "), "{}", ran.seen());
    }
}

fn input(place: &Place) -> std::fs::File {
    std::fs::File::open(place.path().join("input")).expect("a file")
}

/// The reason why a run cannot be resumed comes before the approval, which cannot be asked for without a terminal.
#[test]
fn a_run_that_cannot_be_resumed_is_refused_before_the_approval() {
    let place = Place::with(&RUNBOOK.replace("\"a.txt\"", "\"none/a.txt\""));
    assert_eq!(place.run(&["run", "-lab", "-auto-approve"]).code, Some(1));
    for command in [&["run", "-resume", "latest"][..], &["undo"]] {
        let ran = place.run(command);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(ran.err.contains("lab") && !ran.err.contains("not-approved"), "{}", ran.seen());
    }
}

/// Nothing follows the last line of a record, so no later line protects it.
#[test]
fn an_altered_last_line_is_called_altered() {
    for (was, is) in [
        ("\"status\":\"done\"", "\"status\":\"failed\""),
        ("\"status\":\"done\"", "\"status\":\"dune\""),
        ("\"status\":", "\"statue\":"),
        ("\"done\":1", "\"done\":\"one\""),
    ] {
        let place = Place::with(RUNBOOK);
        holds(&place.run(&["run", "-auto-approve"]), 0, &[]);
        let record = std::fs::read_dir(place.path().join(".arcbook/runs")).expect("records").flatten();
        let mut paths = record.map(|entry| entry.path());
        let path = paths.find(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
        let path = path.expect("a record");
        let text = std::fs::read_to_string(&path).expect("a record");
        let (before, last) = text.trim_end().rsplit_once('\n').expect("lines");
        assert!(last.contains(was), "{last}");
        std::fs::write(&path, format!("{before}\n{}\n", last.replacen(was, is, 1))).expect("written");
        let shown = place.run(&["show"]);
        assert!(shown.out.contains("· altered ·"), "{is}: {}", shown.seen());
        assert!(!shown.seen().contains("another version"), "{is}: {}", shown.seen());
        assert_ne!(shown.code, Some(0), "{is}");
    }
}
