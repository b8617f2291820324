//! Records from machines that nobody trusts.

use std::fs;

use super::{RUNBOOK, WORLD};
use crate::cloud::Cloud;
use crate::support::Place;

#[test]
fn no_name_in_a_container_leads_elsewhere_or_reaches_the_terminal() {
    let names = [
        "../../evil.jsonl",
        "a/../../evil.jsonl",
        "/etc/evil.jsonl",
        "c:\\\\evil.jsonl",
        "a/\\u001b[2J.jsonl",
        "a/\\u202e.jsonl",
        "notes.txt",
        "a/good.jsonl",
    ];
    let blobs = names.map(|name| format!("blob \"{name}\" {{ content = \"{{}}\\n\" }}\n")).concat();
    let world = WORLD.replace(
        "container \"records\" { immutable = true }",
        &format!("container \"records\" {{\n{blobs}}}"),
    );
    let cloud = Cloud::of_world(&world);
    let place = Place::new();
    let temporary = place.path().join("temporary");
    fs::create_dir_all(&temporary).expect("made");
    let mut command = cloud.command(&place, &["runs", "-from", "acc01/records"]);
    let ran = crate::support::Ran::of(crate::support::finished(command.env("TMPDIR", &temporary)));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.err.contains("7 blobs were left out"), "{}", ran.seen());
    assert!(!ran.seen().contains(['\u{1b}', '\u{202e}']), "{}", ran.seen());
    // The only record is none, and nothing is left behind.
    assert!(!ran.out.contains("done"), "{}", ran.seen());
    assert_eq!(fs::read_dir(&temporary).expect("readable").count(), 0);
    let written: Vec<_> =
        place.files().into_iter().filter(|(path, _)| path.ends_with("evil.jsonl")).collect();
    assert!(written.is_empty());
}

#[test]
fn a_directory_of_strange_files_is_read_without_following_or_stopping() {
    let place = Place::new();
    place.write("fleet/a/20260101-000000.000-aaaaaa.jsonl", "{\"event\":\"run_started\"");
    place.write("fleet/a/20260101-000000.001-aaaaaa.jsonl", [0xff, 0xfe, 0, 0]);
    place.write("fleet/a/20260101-000000.002-aaaaaa.jsonl", format!("{}\n", "[".repeat(100_000)));
    place.write("fleet/b/20260101-000000.000-bbbbbb.jsonl.gz", [0x1f, 0x8b, 8, 0]);
    place.write("fleet/c/readme", "nothing");
    let ran = place.run(&["runs", "-from", "fleet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.out.contains("a: 3 records") && ran.out.contains("b: 1 record\n"), "{}", ran.seen());
    let verified = place.run(&["verify", "fleet"]);
    assert_eq!(verified.code, Some(1), "{}", verified.seen());
    assert!(!place.run(&["runs", "-from", "nowhere"]).out.contains("record"));
    assert_eq!(place.run(&["runs", "-from", "nowhere"]).code, Some(3));
    assert_eq!(place.run(&["verify", "-from", "fleet/c"]).code, Some(0));
}

#[cfg(unix)]
#[test]
fn a_link_in_a_directory_is_not_followed() {
    let outside = Place::with(RUNBOOK);
    outside.write("secret/20260101-000000.000-aaaaaa.jsonl", "the content of another file\n");
    let place = Place::new();
    place.write("fleet/a/20260101-000000.000-bbbbbb.jsonl", "x\n");
    let link = |from: &str, to: &str| {
        std::os::unix::fs::symlink(outside.path().join(from), place.path().join(to)).expect("a link");
    };
    link("secret", "fleet/directory");
    link("secret/20260101-000000.000-aaaaaa.jsonl", "fleet/a/20260101-000000.000-cccccc.jsonl");
    let ran = place.run(&["runs", "-from", "fleet"]);
    assert!(ran.out.contains("a: 1 record\n") && !ran.out.contains("directory"), "{}", ran.seen());
}
