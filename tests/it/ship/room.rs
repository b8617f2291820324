//! Uploads on a machine without room, or without a right: each message and each number says what happened.

use std::fs;
use std::process::Command;

use serde_json::{Value as Json, json};

use super::{RUNBOOK, WORLD, created, records};
use crate::cloud::Cloud;
use crate::summary::summary;
use crate::support::{Place, Ran, finished};

const QUIET: [&str; 4] = ["run", "-auto-approve", "-quiet", "-summary"];

/// Runs the program with a limit for the size of files, in units of 512 or 1024 bytes: as on a full disk.
fn limited(cloud: &Cloud, place: &Place, most: usize, arguments: &[&str]) -> Ran {
    let run = cloud.command(place, arguments);
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {most}; exec \"$0\" \"$@\"")])
        .arg(run.get_program());
    command.args(run.get_args()).current_dir(place.path()).env_clear();
    command.envs(run.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Ran::of(finished(&mut command))
}

fn counts(ran: &Ran) -> Json {
    summary(ran)["records"].clone()
}

#[test]
fn a_record_that_could_not_be_written_is_left_and_has_no_digest() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    let ran = limited(&cloud, &place, 0, &QUIET);
    assert_eq!((ran.code, counts(&ran)), (Some(1), json!({ "shipped": 0, "left": 1 })), "{}", ran.seen());
    assert_eq!(summary(&ran)["sha256"], Json::Null, "{}", ran.seen());
    assert!(ran.err.contains("no line of the record could be written"), "{}", ran.seen());
    let told = limited(&cloud, &place, 0, &["run", "-auto-approve"]);
    assert!(told.out.contains("The record is ") && !told.out.contains("0000000000"), "{}", told.seen());
    // The next run has a record, and the empty ones are none.
    let ran = cloud.run(&place, &QUIET);
    assert_eq!((ran.code, counts(&ran)), (Some(0), json!({ "shipped": 1, "left": 0 })), "{}", ran.seen());
    assert_eq!(created(&cloud).len(), 1);
}

#[test]
fn an_upload_that_could_not_be_noted_is_one() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    let marks = place.path().join(".arcbook/runs/shipped.log");
    place.write(".arcbook/runs/shipped.log", "\n".repeat(64 << 10));
    let ran = limited(&cloud, &place, 64, &QUIET);
    assert_eq!((ran.code, counts(&ran)), (Some(0), json!({ "shipped": 1, "left": 0 })), "{}", ran.seen());
    for part in ["warning[record-not-noted]", "a record was uploaded to http", "shipped.log", "free space"] {
        assert!(ran.err.contains(part), "{part} is missing: {}", ran.seen());
    }
    assert!(!ran.err.contains("could not be uploaded"), "{}", ran.seen());
    // The rest is counted.
    let ran = limited(&cloud, &place, 64, &QUIET);
    assert_eq!(counts(&ran), json!({ "shipped": 1, "left": 1 }), "{}", ran.seen());
    assert!(ran.err.contains("1 record was not uploaded"), "{}", ran.seen());
    fs::remove_file(marks).expect("removed");
    let ran = cloud.run(&place, &QUIET);
    assert_eq!(
        (counts(&ran), created(&cloud).len()),
        (json!({ "shipped": 3, "left": 0 }), 3),
        "{}",
        ran.seen()
    );
}

#[test]
fn marks_that_cannot_be_written_or_read_name_their_file_and_count_all() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    let marks = place.path().join(".arcbook/runs/shipped.log");
    let to = ["run", "-auto-approve", "-quiet", "-summary", "-ship", "acc01/records/new"];
    for _ in 0..2 {
        assert_eq!(cloud.run(&place, &QUIET).code, Some(0));
    }
    fs::remove_file(&marks).expect("removed");
    let nowhere = place.path().join("nowhere/shipped.log");
    let cases: [(&str, &dyn Fn(), usize); 2] = [
        ("written", &|| std::os::unix::fs::symlink(&nowhere, &marks).expect("a link"), 3),
        // How many records the place lacks is not known, except for that of the run.
        ("read", &|| fs::create_dir(&marks).expect("made"), 1),
    ];
    for (what, spoil, left) in cases {
        spoil();
        let ran = cloud.run(&place, &to);
        assert_eq!(
            (ran.code, counts(&ran)),
            (Some(0), json!({ "shipped": 0, "left": left })),
            "{}",
            ran.seen()
        );
        let summary =
            format!("{left} record{} could not be uploaded to http", if left == 1 { "" } else { "s" });
        for part in ["warning[record-not-shipped]", &summary, "shipped.log", "permissions of that file"] {
            assert!(ran.err.contains(part), "{what}: {part} is missing: {}", ran.seen());
        }
        assert!(!ran.err.contains("-journal"), "{what}: {}", ran.seen());
        let _ = fs::remove_file(&marks);
    }
    fs::remove_dir(&marks).expect("removed");
    let ran = cloud.run(&place, &to);
    assert_eq!(counts(&ran), json!({ "shipped": records(&place).len(), "left": 0 }), "{}", ran.seen());
}

#[test]
fn a_missing_container_is_no_matter_of_steps() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    let typed = ["run", "-auto-approve", "-quiet", "-ship", "acc01/none"];
    for typed in [&typed[..], &["runs", "ship", "-to", "acc01/none"], &["verify", "-from", "acc01/none"]] {
        let ran = cloud.run(&place, typed);
        assert!(ran.err.contains("ContainerNotFound"), "{}", ran.seen());
        assert!(ran.err.contains("name a container that exists, or create it"), "{}", ran.seen());
        assert!(!ran.err.contains("step"), "{}", ran.seen());
    }
}
