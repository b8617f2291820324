//! Signatures in reports.

use super::support::{place, plan, records, run, run_with, signature};
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
            &["the plan file: it is not signed, because no signature file is beside it"],
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

/// The reviewer signs the plan, and the machine the record.
#[test]
fn the_plan_file_may_be_signed_with_another_key_than_the_record() {
    let place = place();
    plan(&place);
    run_with(&place, "other.pem");
    let plan_key =
        |key: &'static str| ["latest", "-plan", "site.plan", "-key", "other.pub", "-plan-key", key];
    let signed = report(&place, &plan_key("key.pub"), 0);
    for words in ["the record: the signature by the key ", "the plan file: the signature by the key "] {
        assert!(signed.contains(words), "{words}: {signed}");
    }
    let anew = "can write all of it anew";
    assert!(!signed.contains(anew) && signed.contains("Only somebody with the private key"), "{signed}");
    for (arguments, code, words) in [
        (&["latest"][..], 0, anew),
        (
            &["latest", "-plan", "site.plan", "-key", "other.pub"],
            1,
            "the plan file: the signature does not hold: ",
        ),
        (&plan_key("other.pub"), 1, "the plan file: the signature does not hold: "),
    ] {
        let report = report(&place, arguments, code);
        assert!(report.contains(words), "{arguments:?}: {report}");
    }
    for (arguments, words) in [
        (&["latest", "-key", "other.pub", "-plan-key", "key.pub"][..], "-plan"),
        (&["latest", "-plan", "site.plan", "-plan-key", "key.pub"], "-key"),
        (&["latest", "-plan", ".", "-key", "other.pub", "-plan-key", "key.pub"], "error[not-a-plan]"),
    ] {
        let ran = place.run(&[&["report"], arguments].concat());
        assert!(ran.code == Some(3) && ran.err.contains(words), "{arguments:?}: {}", ran.seen());
    }
    std::fs::remove_file(signature(&records(&place)[0])).expect("removed");
    let missing = report(&place, &["latest", "-key", "other.pub"], 1);
    assert!(
        missing.contains("the record: it is not signed") && !missing.contains("does not hold"),
        "{missing}"
    );
}
