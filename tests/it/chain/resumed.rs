//! Tests runs that resume another one.

use crate::cloud::{Cloud, WORLD};
use crate::support::Place;

use super::support::*;

/// The change between the two runs, the exit code of the second, the uploads that it repeats, and its
/// messages.
type Case = (&'static str, fn(&Cloud, &Place), i32, &'static [&'static str], &'static [&'static str]);

#[test]
#[expect(clippy::too_many_lines, reason = "a table")]
fn a_recorded_change_is_checked_before_reuse() {
    let cases: [Case; 10] = [
        ("nothing", |_, _| {}, 0, &[], &["1 changed something, 3 already done"]),
        ("a file", |_, place| place.write("a.txt", "other"), 0, &["PUT /new/a.txt"], &["2 already done"]),
        (
            "an argument",
            |_, place| place.write("main.runbook.hcl", RUNBOOK.replace("\"b\"\n}", "\"c\"\n}")),
            0,
            &["PUT /new/b.txt"],
            &["2 already done"],
        ),
        (
            "a new argument",
            |_, place| {
                place.write(
                    "main.runbook.hcl",
                    RUNBOOK.replace("\"b\"\n}", "\"b\"\n  content_type = \"x/y\"\n}"),
                );
            },
            0,
            &["PUT /new/b.txt"],
            &[],
        ),
        ("gone", taken_away, 0, &["PUT /new/a.txt", "PUT /new/b.txt", "PUT /new?restype=container"], &[]),
        (
            "overwritten",
            |cloud, _| somebody_else(cloud, OVERWRITES),
            1,
            &["PUT /new/a.txt"],
            &["step.blob_upload.a", "somebody else changed", "/new/a.txt after the run", "`etag` was"],
        ),
        (
            "overwritten, and another file",
            |cloud, place| {
                place.write("a.txt", "other");
                somebody_else(cloud, OVERWRITES);
            },
            1,
            &["PUT /new/a.txt"],
            &["somebody else changed", "`etag` was"],
        ),
        (
            "a container made anew",
            |cloud, place| {
                taken_away(cloud, place);
                somebody_else(cloud, CONTAINER);
            },
            1,
            &["PUT /new?restype=container"],
            &["step.blob_container.new", "`arcbook_run` was"],
        ),
        (
            "another account",
            |_, place| {
                place
                    .write("main.runbook.hcl", RUNBOOK.replace("default = \"acc01\"", "default = \"acc02\""));
            },
            3,
            &[],
            &["step.blob_upload.a was made on another target", "`account` was \"acc01\", is \"acc02\""],
        ),
        (
            "a step that is gone",
            |_, place| {
                place.write(
                    "main.runbook.hcl",
                    RUNBOOK.replace("\"b\" {", "\"c\" {").replace("upload.b]", "upload.c]"),
                );
            },
            0,
            &[],
            &["warning[unaccounted-change]", "a change in step.blob_upload.b"],
        ),
    ];
    for (what, between, code, twice, parts) in cases {
        let cloud = Cloud::start();
        let place = stopped(&cloud);
        between(&cloud, &place);
        let ran = cloud.run(&place, &RESUME);
        holds(&ran, code, parts);
        let all = changes(&cloud, "PUT");
        let again: Vec<&str> =
            all.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0].as_str()).collect();
        assert_eq!(again, twice, "{what}: {}", ran.seen());
    }
}

#[test]
fn a_run_is_resumed_and_undone_only_in_its_own_cloud() {
    let other = "10000000-0000-4000-8000-000000000009";
    let cases: [(&str, &str, &str); 4] = [
        ("\"cloud\":\"AzureLab\"", "\"cloud\":\"AzureCloud\"", "`cloud` was AzureCloud, is AzureLab"),
        (
            "\"tenant\":\"10000000-0000-4000-8000-000000000001\"",
            other,
            "`tenant` was 10000000-0000-4000-8000-000000000009",
        ),
        (
            "machines/vm-1\"",
            "machines/vm-2\"",
            "`machine` was /subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups/rg/providers/microsoft.hybridcompute/machines/vm-2, is",
        ),
        ("\"object_id\":\"", "\"object_id\":\"x", "`object_id` was x"),
    ];
    for (was, is, part) in cases {
        let is = if is == other { format!("\"tenant\":\"{other}\"") } else { is.to_owned() };
        let cloud = Cloud::start();
        let place = stopped(&cloud);
        let before = cloud.changes();
        forged(&place, &runs(&place)[0], |line| line.replace(was, &is));
        for command in [&RESUME[..], &UNDO] {
            let ran = cloud.run(&place, command);
            holds(&ran, 3, &[part, "step.blob_upload.a"]);
        }
        assert_eq!(cloud.changes(), before);
    }
    // The resumed run meets another cloud.
    let (first, second) = (Cloud::start(), Cloud::start());
    let place = stopped(&first);
    for command in [&RESUME[..], &UNDO, &["undo", "-plan"]] {
        holds(&second.run(&place, command), 3, &["`resource_manager` was http://management.localhost:"]);
    }
    assert!(second.changes().is_empty());
}

#[test]
fn a_run_on_the_embedded_lab_can_be_neither_resumed_nor_undone() {
    let settings = "runbook {\n  on_failure = \"undo\"\n}\n";
    for (settings, words) in [("", "4 steps"), (settings, "undoing")] {
        let place = place();
        place.write("main.runbook.hcl", format!("{settings}{RUNBOOK}"));
        place.write("world.lab.hcl", WORLD);
        let ran = place.run(&["run", "-lab", "-fault", FAILS]);
        holds(&ran, 1, &[words]);
        assert!(!ran.out.contains("-resume"), "{}", ran.seen());
        let run = &runs(&place)[0];
        holds(&place.run(&["runs"]), 0, &["on the embedded lab"]);
        holds(&place.run(&["runs", "-json"]), 0, &["\"lab\":\"embedded\""]);
        holds(&place.run(&["show", run]), 0, &[" LAB"]);
        let cloud = Cloud::start();
        for command in [
            &["run", "-auto-approve", "-resume", run][..],
            &["undo", "-auto-approve", run],
            &["undo", "-plan", run],
        ] {
            holds(&cloud.run(&place, command), 3, &[]);
            let said = cloud.run(&place, command);
            let reasons = ["it used the embedded lab, which ended with that run", "was undone by"];
            assert!(
                reasons.iter().any(|reason| said.err.replace("\n |", "").contains(reason)),
                "{}",
                said.seen()
            );
        }
        assert!(cloud.changes().is_empty());
    }
}

#[test]
fn a_completed_run_cannot_be_resumed() {
    let (cloud, place) = (Cloud::start(), place());
    holds(&cloud.run(&place, &["run", "-auto-approve"]), 0, &[]);
    let before = cloud.changes();
    let run = runs(&place).remove(0);
    for name in ["latest", &run] {
        holds(&cloud.run(&place, &["run", "-auto-approve", "-resume", name]), 3, &["nothing to resume"]);
    }
    assert_eq!((cloud.changes(), runs(&place).len()), (before, 1));
}

#[test]
fn an_unconfirmed_change_is_resumed_on_the_same_target_or_refused() {
    let cloud = Cloud::start();
    let place = place();
    let once = RUNBOOK.replace("  content   = \"b\"\n", "  content   = \"b\"\n  retry { attempts = 1 }\n");
    place.write("main.runbook.hcl", &once);
    fault(&cloud, "blob:lost-answer:method=PUT:path=b.txt:times=1");
    holds(&cloud.run(&place, &["run", "-auto-approve"]), 1, &[]);
    place.write("main.runbook.hcl", once.replace("\"b.txt\"", "\"c.txt\""));
    let parts =
        ["step.blob_upload.b may have been made on another target", "`name` was \"b.txt\", is \"c.txt\""];
    holds(&cloud.run(&place, &RESUME), 3, &parts);
    // The new content is for the same blob, so the run has created that blob in either case.
    place.write("main.runbook.hcl", once.replace("\"b\"\n", "\"bb\"\n"));
    holds(&cloud.run(&place, &RESUME), 0, &[]);
    holds(&cloud.run(&place, &UNDO), 0, &[]);
    let all = ["DELETE /new/a.txt", "DELETE /new/b.txt", "DELETE /new?restype=container"];
    assert_eq!(changes(&cloud, "DELETE"), all);
}
