//! The records of runs: listing, showing and verifying them.

use crate::support::Place;

fn ran_once() -> Place {
    let place = Place::with(
        "step \"echo\" \"a\" {\n  input = \"hello\"\n}\noutput \"a\" {\n  value = step.echo.a.output\n}\n",
    );
    let ran = place.run(&["run"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    place
}

fn record(place: &Place) -> std::path::PathBuf {
    let mut records = place.files();
    records.retain(|(path, _)| path.extension().is_some_and(|ending| ending == "jsonl"));
    records.pop().expect("a record").0
}

#[test]
fn a_run_is_listed_shown_and_verified() {
    let place = ran_once();
    let runs = place.run(&["runs"]);
    assert!(runs.out.contains("done"), "{}", runs.seen());
    let shown = place.run(&["show"]);
    assert!(shown.out.contains("\n  a = \"hello\""), "{}", shown.seen());
    let verified = place.run(&["verify", "latest"]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
    let digest = verified
        .out
        .lines()
        .next()
        .and_then(|line| line.split_whitespace().last())
        .expect("a digest")
        .trim_end_matches('.');
    assert_eq!(place.run(&["verify", "latest", "-digest", digest]).code, Some(0));
    assert_eq!(place.run(&["verify", "latest", "-digest", &"0".repeat(64)]).code, Some(1));
}

#[test]
fn a_modified_record_is_detected() {
    let place = ran_once();
    let path = record(&place);
    let text = std::fs::read_to_string(&path).expect("readable");
    std::fs::write(&path, text.replacen("hello", "jello", 1)).expect("written");
    let verified = place.run(&["verify", "latest"]);
    assert_eq!(verified.code, Some(1), "{}", verified.seen());
    assert!(verified.err.contains("was changed"), "{}", verified.err);
    for arguments in [&["show"][..], &["show", "-json"], &["show", "-trace", "trace.json"]] {
        let shown = place.run(arguments);
        assert_eq!(shown.code, Some(1), "{arguments:?}: {}", shown.seen());
        let run = path.file_stem().expect("a name").to_string_lossy();
        let words = format!("the record of the run {run} was changed");
        assert!([shown.out, shown.err].concat().contains(&words));
    }
}

#[cfg(unix)]
#[test]
fn a_record_is_readable_only_by_its_user() {
    use std::os::unix::fs::PermissionsExt;
    let place = ran_once();
    let mode = |path: &std::path::Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let path = record(&place);
    assert_eq!((mode(&path), mode(path.parent().expect("a directory"))), (0o600, 0o700));
}

#[test]
fn a_record_that_cannot_be_written_stops_the_run() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n");
    place.write("file", "not a directory");
    let ran = place.run(&["run", "-journal", "file/runs"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("-journal DIR"), "{}", ran.err);
}

#[test]
fn a_missing_run_is_reported() {
    let ran = ran_once().run(&["show", "2020"]);
    assert_eq!(ran.code, Some(3));
    assert!(ran.err.contains("there is no run `2020`"), "{}", ran.err);
    // The missing run is reported before the missing terminal.
    let place =
        Place::with("step \"blob_container\" \"a\" {\n  account = \"acc01\"\n  name    = \"new\"\n}\n");
    for arguments in [&["run", "-resume", "2020"][..], &["undo", "2020"]] {
        let ran = place.run(arguments);
        assert!(ran.code == Some(3) && ran.err.contains("no run is on record"), "{}", ran.seen());
    }
}
