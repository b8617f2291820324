//! The list of `undo -plan`.

use crate::support::Place;

const RUNBOOK: &str = r#"
step "file" "note" {
  count   = 20
  path    = "note-${count.index}.txt"
  content = "a"
}

step "exec" "log" {
  count = 20
  argv  = ["true"]
}

step "exec" "broken" {
  argv       = ["false"]
  depends_on = [step.exec.log, step.file.note]
}
"#;

/// A run that found everything as wanted does not hide the changes of an earlier one; a second undo goes no further back.
#[test]
fn without_a_name_the_newest_run_that_changed_something_is_undone() {
    let place = Place::with("step \"file\" \"a\" {\n  path    = \"a.txt\"\n  content = \"a\"\n}\n");
    let content = |name: &str| std::fs::read_to_string(place.path().join(name)).ok();
    assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(0));
    place.write("main.runbook.hcl", "step \"file\" \"a\" {\n  path    = \"a.txt\"\n  content = \"b\"\n}\n");
    for _ in 0..3 {
        assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(0));
    }
    for _ in 0..2 {
        let undone = place.run(&["undo", "-auto-approve"]);
        assert_eq!((undone.code, content("a.txt").as_deref()), (Some(0), Some("a")), "{}", undone.seen());
    }
}

#[cfg(unix)]
#[test]
fn instances_that_are_undone_alike_are_one_entry() {
    let place = Place::with(RUNBOOK);
    assert_eq!(place.run(&["run", "-auto-approve"]).code, Some(1));
    let planned = place.run(&["undo", "-plan"]);
    let run = place.run(&["runs"]).out.split(' ').next().expect("a run").to_owned();
    let mut settings = insta::Settings::clone_current();
    // The instances run at the same time.
    settings.add_filter("note-[0-9]+", "note-[n]");
    settings.bind(|| insta::assert_snapshot!("list", planned.out.replace(&run, "[run]")));
    let verbose = place.run(&["undo", "-plan", "-verbose"]).out;
    for address in ["- step.file.note[19]", "= step.exec.log[19]: the effect of a program cannot be undone"] {
        assert!(verbose.contains(address) && !planned.out.contains(address), "{verbose}");
    }
    let json = place.run(&["undo", "-plan", "-json"]).out;
    let json: serde_json::Value = serde_json::from_str(json.trim()).expect("JSON");
    let numbers = ["steps", "stays"].map(|list| json[list].as_array().map(Vec::len));
    assert_eq!(numbers, [Some(20), Some(21)], "{json}");
}
