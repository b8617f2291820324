//! Records that were cut off, beside signatures that name all of their lines.

use std::fs;
use std::path::Path;

use super::support::{ended, place, plan, records, run, signature};
use crate::support::Place;

/// Returns the name of a deed, and what is left of a record.
fn cuts(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let ends: Vec<usize> =
        bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    let mut cuts = vec![("emptied".to_owned(), 0)];
    for (number, end) in ends.iter().enumerate() {
        cuts.push((format!("in the line {}", number + 1), end - 10));
        if *end < bytes.len() {
            cuts.push((format!("after the line {}", number + 1), *end));
        }
    }
    cuts.into_iter().map(|(deed, end)| (deed, bytes[..end].to_vec())).collect()
}

fn name(record: &Path) -> String {
    record.file_stem().expect("a name").to_string_lossy().into_owned()
}

/// Two runs, of which no record names the newer one.
fn scene() -> Place {
    let place = place();
    plan(&place);
    run(&place);
    run(&place);
    place
}

#[test]
fn a_signed_record_that_was_cut_off_is_altered_with_a_key_and_without() {
    let place = scene();
    for record in records(&place) {
        let (bytes, run) = (fs::read(&record).expect("a record"), name(&record));
        let path = record.to_string_lossy().into_owned();
        for (deed, left) in cuts(&bytes) {
            fs::write(&record, left).expect("written");
            for arguments in [
                &["verify"][..],
                &["verify", "-key", "key.pub"],
                &["verify", &path],
                &["verify", "-key", "key.pub", &path],
                &["verify", "-json"],
                &["verify", "-json", &path],
                &["verify", "-from", ".arcbook/runs"],
                &["verify", "-from", ".arcbook/runs", "-key", "key.pub"],
            ] {
                let ran = ended(place.run(arguments), 1);
                let seen = ran.seen();
                // Another record may name the lost line.
                let reasons =
                    ["cut off: its signature names ", "no complete line", "no line of it has the digest"];
                let says = reasons.iter().any(|reason| seen.contains(reason));
                assert!(says, "{deed}: {arguments:?}: {seen}");
                let names =
                    seen.contains(&run) || arguments.contains(&"-json") && arguments.contains(&path.as_str());
                assert!(names, "{deed}: {arguments:?}: {seen}");
                assert!(!seen.contains("still running"), "{deed}: {arguments:?}: {seen}");
            }
        }
        fs::write(&record, bytes).expect("written");
    }
    ended(place.run(&["verify", "-key", "key.pub"]), 0);
}

#[test]
fn a_report_says_that_its_record_was_cut_off() {
    let place = scene();
    let record = records(&place).pop().expect("a record");
    let bytes = fs::read(&record).expect("a record");
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    fs::write(&record, lines[..lines.len() - 1].concat()).expect("written");
    for options in [&[][..], &["-key", "key.pub"]] {
        let ran = ended(place.run(&[&["report", "latest", "-markdown"], options].concat()), 1);
        assert!(ran.out.contains("cut off: its signature names "), "{options:?}: {}", ran.seen());
    }
}

/// A crash may leave such a record: it is no error, and no evidence.
#[test]
fn a_record_without_a_line_is_not_intact() {
    let place = scene();
    let record = records(&place).pop().expect("a record");
    fs::remove_file(signature(&record)).expect("removed");
    for left in [&b""[..], b"{\"prev\":\"000"] {
        fs::write(&record, left).expect("written");
        let ran = ended(place.run(&["verify"]), 0);
        assert!(ran.out.contains("1 record in .arcbook/runs is intact."), "{}", ran.seen());
        assert!(ran.out.contains("Without a line") && ran.out.contains(&name(&record)), "{}", ran.seen());
        let ran = ended(place.run(&["verify", "-json"]), 0);
        assert!(ran.out.contains("\"condition\":\"empty\""), "{}", ran.seen());
        let ran = ended(place.run(&["verify", "-key", "key.pub"]), 1);
        assert!(ran.err.contains("It has no line"), "{}", ran.seen());
    }
}

#[test]
fn a_plan_file_without_its_content_is_no_run() {
    let place = scene();
    let whole = fs::read_to_string(place.path().join("site.plan")).expect("a plan");
    for (left, id) in [
        (whole.as_str(), None),
        ("", Some("invalid-plan")),
        ("\n \n", Some("invalid-plan")),
        (&whole[..1], Some("invalid-plan")),
        (&whole[1..], Some("invalid-plan")),
        ("no plan", Some("invalid-plan")),
    ] {
        fs::write(place.path().join("site.plan"), left).expect("written");
        for arguments in [&["verify", "-key", "key.pub", "site.plan"][..], &["show", "site.plan"]] {
            let ran = ended(place.run(arguments), i32::from(id.is_some()));
            let seen = ran.seen();
            assert!(id.is_none_or(|id| seen.contains(&format!("error[{id}]"))), "{left:?}: {seen}");
        }
    }
    // A run may have the name of a file.
    let record = records(&place).pop().expect("a record");
    let prefix = name(&record).trim_end_matches(".jsonl").to_owned();
    fs::write(place.path().join(&prefix), "").expect("written");
    ended(place.run(&["verify", "-key", "key.pub", &prefix]), 0);
}
