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
