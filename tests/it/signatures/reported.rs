//! Signatures in reports.

use super::support::{place, plan, run};
use crate::support::Place;

fn report(place: &Place, arguments: &[&str], code: i32) -> String {
    let ran = place.run(&[&["report", "-markdown"], arguments].concat());
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    ran.out
}

#[test]
fn a_report_says_whether_its_files_are_signed() {
    let place = place();
    plan(&place);
    run(&place);
    place.write("unsigned.plan", std::fs::read(place.path().join("site.plan")).expect("a plan"));
    for (arguments, code, expected) in [
        (&["latest"][..], 0, &["the record: a signature by the key ", "is beside it, not checked"][..]),
        (&["latest", "-plan", "unsigned.plan"], 0, &["the plan file: no signature file is beside it"]),
        (
            &["latest", "-plan", "site.plan", "-key", "key.pub"],
            0,
            &["the record: the signature by the key ", "the plan file: the signature by the key "],
        ),
        (&["latest", "-key", "other.pub"], 1, &["the record: the signature does not hold: "]),
        (
            &["latest", "-plan", "unsigned.plan", "-key", "key.pub"],
            1,
            &["the plan file: the signature does not hold: "],
        ),
        (&["site.plan"], 0, &["the plan file: a signature by the key "]),
        (&["site.plan", "-key", "key.pub"], 0, &["the plan file: the signature by the key "]),
        (&["site.plan", "-key", "other.pub"], 1, &["the plan file: the signature does not hold: "]),
    ] {
        let report = report(&place, arguments, code);
        for words in expected {
            assert!(report.contains(words), "{arguments:?}: {words}: {report}");
        }
    }
    assert_eq!(place.run(&["report", "latest", "-key", "nothing.pub"]).code, Some(3));
}
