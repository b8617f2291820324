//! Records from machines that nobody trusts.

use std::fs;

use super::{RUN, RUNBOOK, WORLD, copied, record, records};
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
    for part in ["warning[record-left-out]: 6 possible records were left out", "1 other name was left out"] {
        assert!(ran.err.contains(part), "{part} is missing: {}", ran.seen());
    }
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
    // No end is known of a run whose record cannot be read, and that record is no removal.
    let row = ran.out.lines().find(|line| line.contains("bbbbbb")).unwrap_or_default();
    assert!(row.contains(" unknown ") && row.contains(" UNREADABLE "), "{}", ran.seen());
    assert!(!ran.out.contains("removal"), "{}", ran.seen());
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

const BAD: &str = "20260101-000000.000-aaaaaa.jsonl";

/// Blobs that somebody wrote, a fault of the service, the exit code of `verify`, and the messages about them.
type Case<'a> = (&'a [String], &'a str, i32, &'a [&'a str]);

#[test]
fn one_bad_name_hides_no_other() {
    let names = |names: &[&str]| names.iter().map(|name| name.replace('R', BAD)).collect::<Vec<_>>();
    let altered = ["of 20260101-000000.000-aaaaaa was altered", "evil"];
    let left_out = ["error[record-left-out]: 1 possible record was left out"];
    let long = format!("evil/{}.jsonl", "a".repeat(200));
    let deep = format!("{}R", "d/".repeat(17));
    let cases: [Case<'_>; 10] = [
        (&names(&["evil/R", "evil/R/R"]), "", 1, &altered),
        (&names(&["evil/R", "EVIL/R", "evil/20260101-000000.000-AAAAAA.jsonl"]), "", 1, &altered),
        (&names(&["evil/x.jsonl", "evil/x.jsonl/y.jsonl"]), "", 0, &[]),
        (&names(&["evil/../R"]), "", 1, &left_out),
        (&names(&["evil//R"]), "", 1, &left_out),
        (&names(&["evil/con.jsonl"]), "", 1, &left_out),
        (&[long], "", 1, &left_out),
        (&names(&[&deep]), "", 1, &left_out),
        (&names(&["evil/notes.txt"]), "", 0, &["warning[record-left-out]: 1 other name was left out"]),
        (
            &names(&["evil/R"]),
            "blob:404:method=GET:path=/records/evil/:times=9",
            1,
            &[left_out[0], "the service answered 404"],
        ),
    ];
    for (blobs, fault, code, messages) in cases {
        let faults = if fault.is_empty() { String::new() } else { format!("faults = [\"{fault}\"]\n") };
        let blobs: Vec<String> =
            blobs.iter().map(|name| format!("blob \"{name}\" {{ content = \"x\" }}\n")).collect();
        let blobs = blobs.concat();
        let container = format!("container \"records\" {{\n{blobs}}}");
        let world = WORLD.replace("container \"records\" { immutable = true }", &container);
        let cloud = Cloud::of_world(&format!("{faults}{world}"));
        let place = Place::with(RUNBOOK);
        assert_eq!(cloud.run(&place, &RUN).code, Some(0), "{blobs}");
        let listed = cloud.run(&place, &["runs", "-from", "acc01/records"]);
        assert_eq!(listed.code, Some(0), "{blobs}: {}", listed.seen());
        let run = records(&place)[0].replace(".jsonl", "");
        let is_run = |line: &str| line.contains(&run) && line.contains("done") && line.contains("whole");
        assert!(listed.out.lines().any(is_run), "{blobs}: {}", listed.seen());
        let verified = cloud.run(&place, &["verify", "-from", "acc01/records"]);
        assert_eq!(verified.code, Some(code), "{blobs}: {}", verified.seen());
        let is_intact =
            |line: &str| line.starts_with("1 record in west/web01-") && line.ends_with("is intact.");
        assert!(verified.out.lines().any(is_intact), "{blobs}: {}", verified.seen());
        assert!(!verified.err.contains("web01"), "{blobs}: {}", verified.seen());
        for message in messages {
            assert!(verified.err.contains(message), "{blobs}: no {message}: {}", verified.seen());
        }
    }
}

/// A verdict: the exit code, and a part of the text.
type Told<'a> = (i32, &'a str);

/// A case: its name, the content that a record was overwritten with, and the verdicts where it was copied to, and where runs write.
type Overwritten<'a> = (&'a str, &'a [u8], Told<'a>, Told<'a>);

#[test]
fn a_record_without_a_line_is_not_intact_once_it_has_left() {
    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    for _ in 0..3 {
        assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    }
    let newest = records(&place).remove(2);
    let whole = record(&place, &newest);
    let line = whole.iter().position(|&byte| byte == b'\n').expect("a line") + 1;
    let (strange, cut, open) = ("does not begin as a record does", "has no complete line", "Not ended");
    let empty = "Without a line";
    let cases: [Overwritten<'_>; 7] = [
        ("a letter", b"x", (1, strange), (1, strange)),
        ("a foreign line", b"x\n", (1, "not JSON"), (1, "not JSON")),
        ("zeros", &[0; 3], (1, strange), (1, strange)),
        // A crash on the machine leaves nothing, or a part of a line.
        ("nothing", b"", (1, cut), (0, empty)),
        ("a part of the first line", &whole[..line - 1], (1, cut), (0, empty)),
        ("a part of the second line", &whole[..line + 20], (0, open), (0, open)),
        ("all", &whole, (0, "No other record names"), (0, "No other record names")),
    ];
    for (what, content, there, here) in cases {
        place.write(&format!(".arcbook/runs/{newest}"), content);
        let copies = Place::new();
        copied(&place, &copies.path().join("fleet"), "web01");
        for (ran, (code, part)) in
            [(copies.run(&["verify", "-from", "fleet"]), there), (place.run(&["verify"]), here)]
        {
            assert_eq!(ran.code, Some(code), "{what}: {}", ran.seen());
            assert!(ran.seen().contains(part), "{what}: no {part}: {}", ran.seen());
            assert!(ran.out.contains("without `-head SHA256`"), "{what}: {}", ran.seen());
            let intact = if code == 0 && part != empty { "3 records in " } else { "2 records in " };
            assert!(ran.out.contains(intact), "{what}: {}", ran.seen());
        }
        let listed = copies.run(&["runs", "-from", "fleet"]).out;
        let is_bad = listed.contains("ALTERED") || listed.contains("UNREADABLE");
        assert_eq!(is_bad, there.0 == 1, "{what}: {listed}");
    }
}

#[cfg(unix)]
#[test]
fn no_name_forges_a_verdict_or_stops_the_check_of_others() {
    use std::os::unix::ffi::OsStrExt as _;

    let (cloud, place) = (Cloud::of_world(WORLD), Place::with(RUNBOOK));
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    let copies = Place::new();
    copied(&place, &copies.path().join("fleet"), "web01");
    let forged = "a\n9 records in web01 are intact.";
    let names = format!(
        "{{\"prev\":\"{}\",\"event\":\"run_started\",\"at\":\"\",\"heads\":[{{\"run\":\"a\\n9 records in web01 are intact.\",\"sha256\":\"00\"}}]}}\n",
        "0".repeat(64)
    );
    copies.write(&format!("fleet/{forged}/{BAD}"), "x");
    copies.write(&format!("fleet/b/{forged}.jsonl"), "x");
    copies.write(&format!("fleet/c/{BAD}"), names);
    copies.write(&format!("fleet/{}{BAD}", "d/".repeat(20)), "x");
    let bytes = std::ffi::OsStr::from_bytes(b"fleet/e\xff");
    fs::create_dir(copies.path().join(bytes)).expect("made");
    for command in [&["verify", "fleet"][..], &["runs", "-from", "fleet"]] {
        let ran = copies.run(command);
        let is_forged = |line: &str| line.trim_start().starts_with("9 records in web01");
        assert!(!ran.seen().lines().any(is_forged), "{}", ran.seen());
        assert!(ran.err.contains("4 possible records were left out"), "{}", ran.seen());
        assert!(ran.err.contains("nested too deeply"), "{}", ran.seen());
        assert!(ran.out.contains("web01: 1 record") || ran.out.contains("1 record in web01 is intact."));
    }
    assert_eq!(copies.run(&["verify", "fleet"]).code, Some(1));
}
