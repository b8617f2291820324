//! Tests the order of the runs of a chain.

use std::fs;

use crate::cloud::Cloud;
use crate::support::Place;

use super::support::*;

#[test]
fn a_run_that_was_resumed_cannot_be_undone() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &RESUME), 1, &[]);
    holds(&cloud.run(&place, &RESUME), 0, &[]);
    let runs = runs(&place);
    for run in &runs[..2] {
        let newest = format!("`arcbook undo {}`", runs[2]);
        holds(&cloud.run(&place, &["undo", "-auto-approve", run]), 3, &["was resumed", &newest]);
    }
    assert!(changes(&cloud, "DELETE").is_empty());
}

#[test]
fn the_newest_run_is_one_of_this_runbook() {
    let cloud = Cloud::start();
    let shared = Place::new();
    let journal = shared.path().join("runs");
    let journal = journal.to_str().expect("UTF-8");
    let (place, other, third) =
        (place(), Place::with(CONTAINER), Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n"));
    holds(&cloud.run(&place, &["run", "-auto-approve", "-journal", journal]), 0, &[]);
    holds(&cloud.run(&other, &["run", "-auto-approve", "-journal", journal]), 0, &[]);
    holds(&cloud.run(&third, &["run", "-journal", journal]), 0, &[]);
    // A directory without a runbook needs `-runbook`.
    let nowhere = cloud.run(&shared, &["undo", "-plan", "-journal", journal]);
    holds(&nowhere, 3, &["the records are of several runbooks", "-runbook PATH"]);
    let path = place.path().to_str().expect("UTF-8");
    let named = cloud.run(&shared, &["undo", "-plan", "-journal", journal, "-runbook", path]);
    holds(&named, 0, &["step.blob_upload.a"]);
    holds(&cloud.run(&place, &["undo", "-plan", "-journal", journal]), 0, &["step.blob_upload.a"]);
    holds(&cloud.run(&other, &["undo", "-plan", "-journal", journal]), 0, &["nothing to undo"]);
    let missing = Place::with(CONTAINER);
    let path = missing.path().to_str().expect("UTF-8");
    let missing = cloud.run(&shared, &["undo", "-plan", "-journal", journal, "-runbook", path]);
    holds(&missing, 0, &["nothing to undo: no run of this runbook is on record", "the records are of"]);
}

/// The clock has been set back, or a record is damaged.
#[test]
fn runs_are_ordered_by_their_links_and_a_damaged_record_is_named() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &RESUME), 1, &[]);
    let [first, second] = &runs(&place)[..] else { panic!("two runs") };
    // Simulates a clock that was set back between the two runs.
    let older = "20200101-000000.000-000000";
    fs::rename(record(&place, second), record(&place, older)).expect("renamed");
    forged(&place, older, |line| {
        line.replace(&format!("\"run\":\"{second}\",\"format\""), &format!("\"run\":\"{older}\",\"format\""))
    });
    holds(&cloud.run(&place, &["undo", "-plan"]), 0, &[&format!("undo of the run {older} removes")]);
    let resumed = cloud.run(&place, &RESUME);
    holds(&resumed, 0, &[&format!("resuming {older}")]);
    let newest = runs(&place).pop().expect("a run");
    for (run, damage) in [(first.as_str(), true), (older, true), (older, false), (&newest, true)] {
        let path = record(&place, run);
        let whole = fs::read_to_string(&path).expect("a record");
        if damage {
            fs::write(&path, whole.replacen("step_started", "step_sterted", 1)).expect("written");
        } else {
            fs::remove_file(&path).expect("removed");
        }
        for command in [&RESUME[..], &UNDO] {
            let ran = cloud.run(&place, command);
            assert_eq!(ran.code, Some(3), "{run}: {}", ran.seen());
            assert!(ran.err.contains(run), "{run}: {}", ran.seen());
        }
        fs::write(&path, whole).expect("written");
    }
    assert!(changes(&cloud, "DELETE").is_empty());
    holds(&cloud.run(&place, &UNDO), 0, &[]);
}

#[test]
fn quiet_prints_nothing_on_success() {
    let cloud = Cloud::start();
    let place = place();
    let run = ["run", "-auto-approve", "-quiet"];
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &run), 1, &["error[", "-resume"]);
    for command in [&[&RESUME[..], &["-quiet"]].concat()[..], &[&UNDO[..], &["-quiet"]].concat(), &run] {
        let ran = cloud.run(&place, command);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""), "{}", ran.seen());
    }
}
