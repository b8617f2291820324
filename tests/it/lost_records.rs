//! Directories of records of which some were removed, changed or moved: `verify` says exactly which.

use std::fs;

use crate::chain::forged;
use crate::record_set::{Records, cut};
use crate::support::settings;

/// A situation: its name, the records, and the run whose digest is given as the head.
type Case = (&'static str, fn() -> Records, Option<usize>);

fn without(run: usize) -> Records {
    let records = Records::of(3);
    fs::remove_file(records.path(run)).expect("removed");
    records
}

fn side_by_side() -> Records {
    let mut records = Records::of(1);
    records.run_aside();
    records
}

fn then_one_more(mut records: Records) -> Records {
    records.run();
    records
}

/// Returns four records, of which the second and the fourth name the first by different lines, because it grew.
fn grown() -> Records {
    let mut records = Records::of(1);
    let whole = fs::read_to_string(records.path(0)).expect("a record");
    records.edit(0, cut);
    records.run();
    fs::write(records.path(0), &whole).expect("written");
    records.run();
    records.run();
    records
}

fn all_lost() -> Records {
    let records = Records::of(2);
    (0..2).for_each(|run| fs::remove_file(records.path(run)).expect("removed"));
    records
}

fn prune(records: &Records, keep: &str) {
    let ran = records.place.run(&["runs", "prune", "-keep", keep, "-auto-approve"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

const CASES: [Case; 27] = [
    ("all there", || Records::of(3), None),
    ("all there, with the head", || Records::of(3), Some(2)),
    (
        "no records",
        || {
            let records = Records::of(0);
            fs::create_dir_all(records.place.path().join(".arcbook/runs")).expect("made");
            records
        },
        None,
    ),
    ("two side by side", side_by_side, None),
    ("two side by side and a later one", || then_one_more(side_by_side()), Some(3)),
    (
        "one of two side by side removed",
        || {
            let records = then_one_more(side_by_side());
            fs::remove_file(records.path(2)).expect("removed");
            records
        },
        None,
    ),
    ("one removed", || without(1), None),
    (
        "one removed that two records name by different lines",
        || {
            let records = grown();
            fs::remove_file(records.path(0)).expect("removed");
            records
        },
        None,
    ),
    (
        "one renamed and cut off that two records name by different lines",
        || {
            let records = grown();
            records.edit(0, cut);
            fs::rename(records.path(0), records.directory().join("20200101-000000.000-abcdef.jsonl"))
                .expect("renamed");
            records
        },
        None,
    ),
    (
        "one pruned that two records name by different lines",
        || {
            let records = grown();
            prune(&records, "3");
            records
        },
        None,
    ),
    (
        "one pruned and another one removed",
        || {
            let records = Records::of(4);
            prune(&records, "3");
            fs::remove_file(records.path(2)).expect("removed");
            records
        },
        None,
    ),
    (
        "one removed, one changed, and one that cannot be read",
        || {
            let records = Records::of(5);
            fs::remove_file(records.path(0)).expect("removed");
            records.edit(2, |text| text.replacen("hello", "jello", 1));
            fs::remove_file(records.path(3)).expect("removed");
            fs::create_dir(records.path(3)).expect("made");
            records
        },
        None,
    ),
    (
        "the only one changed",
        || {
            let records = Records::of(1);
            records.edit(0, |text| text.replacen("hello", "jello", 1));
            records
        },
        None,
    ),
    ("all removed", all_lost, None),
    ("all removed, with the head", all_lost, Some(1)),
    ("the oldest removed", || without(0), None),
    ("the newest removed", || without(2), None),
    ("the newest removed, with the head", || without(2), Some(2)),
    (
        "the newest and another one removed, with the head",
        || {
            let records = without(2);
            fs::remove_file(records.path(1)).expect("removed");
            records
        },
        Some(2),
    ),
    (
        "one changed",
        || {
            let records = Records::of(2);
            records.edit(0, |text| text.replacen("hello", "jello", 1));
            records
        },
        None,
    ),
    (
        "one rewritten with a chain of its own",
        || {
            let records = Records::of(2);
            forged(&records.place, &records.runs[0], |line| line.replace("hello", "jello"));
            records
        },
        None,
    ),
    (
        "one cut off",
        || {
            let records = Records::of(2);
            records.edit(0, cut);
            records
        },
        None,
    ),
    (
        "the newest cut off",
        || {
            let records = Records::of(2);
            records.edit(1, cut);
            records
        },
        None,
    ),
    (
        "one that cannot be read",
        || {
            let records = Records::of(2);
            fs::remove_file(records.path(0)).expect("removed");
            fs::create_dir(records.path(0)).expect("made");
            records
        },
        None,
    ),
    (
        "one renamed, one compressed, one that is empty, and no record",
        || {
            let records = Records::of(3);
            fs::rename(records.path(0), records.directory().join("evidence.jsonl")).expect("renamed");
            records.compress(1);
            fs::write(records.directory().join("20300101-000000.000-abcdef.jsonl"), "").expect("written");
            fs::write(records.directory().join("notes.jsonl"), "{\"a\":1}\n").expect("written");
            records
        },
        None,
    ),
    (
        "one under the name of another run",
        || {
            let records = Records::of(2);
            fs::rename(records.path(0), records.directory().join("20200101-000000.000-abcdef.jsonl"))
                .expect("renamed");
            records
        },
        None,
    ),
    (
        "one copied from elsewhere",
        || {
            let records = Records::of(1);
            let other = Records::of(2);
            fs::copy(other.path(1), records.directory().join(format!("{}.jsonl", other.runs[1])))
                .expect("copied");
            Records { runs: [records.runs, other.runs].concat(), ..records }
        },
        None,
    ),
];

#[test]
fn verify_says_exactly_which_record_is_lost() {
    let mut seen = String::new();
    for (name, make, head) in CASES {
        let records = make();
        let mut arguments = vec!["verify"];
        if let Some(head) = head {
            arguments.extend(["-head", &records.digests[head]]);
        }
        let ran = records.place.run(&arguments);
        seen += &["# ", name, "\n", &records.named(&ran), "\n"].concat();
        let json = records.place.run(&[&arguments[..], &["-json"]].concat());
        let json_object: serde_json::Value = serde_json::from_str(&json.out).expect("one object");
        assert_eq!(
            (json.code, json_object["whole"] == true),
            (ran.code, ran.code == Some(0)),
            "{name}: {}",
            json.seen()
        );
        let missing = json_object["missing"].as_array().expect("a list").len();
        assert_eq!(ran.err.matches("is missing\n").count(), missing, "{name}: {}", ran.seen());
        let intact = json_object["records"].as_array().expect("a list").iter();
        let intact = intact.filter(|record| {
            ["whole", "unfinished"].contains(&record["condition"].as_str().expect("a word"))
        });
        let first = ran.out.lines().next().expect("a line");
        let number = first.split(' ').next().and_then(|word| word.parse().ok()).unwrap_or(0);
        assert_eq!(intact.count(), number, "{name}: {first}");
    }
    settings().bind(|| insta::assert_snapshot!(seen));
}
