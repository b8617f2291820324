//! Runs of several runbooks, or of one that was moved, in one journal directory.

use std::fs;

use crate::chain::holds;
use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished};

/// Returns a runbook that creates a container with this name.
fn container(name: &str) -> String {
    format!("step \"blob_container\" \"{name}\" {{\n  account = \"acc01\"\n  name    = \"{name}\"\n}}\n")
}

const FAILS: &str = "blob:403:method=PUT:path=other:times=1";

/// Runs the program in a directory of the place.
fn within(cloud: &Cloud, place: &Place, directory: &str, arguments: &[&str]) -> Ran {
    let mut command = cloud.command(place, arguments);
    Ran::of(finished(command.current_dir(place.path().join(directory))))
}

fn removed(cloud: &Cloud) -> Vec<String> {
    cloud.changes().into_iter().filter(|change| change.starts_with("DELETE")).collect()
}

/// Returns the name of the only run.
fn run_of(place: &Place, directory: &str) -> String {
    let records = fs::read_dir(place.path().join(directory)).expect("records");
    let name = records.flatten().next().expect("a record").file_name().into_string().expect("UTF-8");
    name.strip_suffix(".jsonl").expect("a record").to_owned()
}

/// The runbook files, the directory and arguments of the run, those of the undo, and whether the undo finds
/// the run.
type Case = (
    &'static [&'static str],
    (&'static str, &'static [&'static str]),
    (&'static str, &'static [&'static str]),
    bool,
);

#[test]
fn the_newest_run_is_never_one_of_another_runbook() {
    const SIBLINGS: &[&str] = &["one.runbook.hcl", "two.runbook.hcl"];
    const APART: &[&str] = &["A/main.runbook.hcl", "B/main.runbook.hcl"];
    const ALONE: &[&str] = &["A/main.runbook.hcl", "none/readme"];
    let cases: [Case; 10] = [
        (APART, ("A", &[]), ("B", &[]), false),
        (APART, ("A", &[]), ("", &["-runbook", "B"]), false),
        (APART, ("A", &[]), ("B", &["-runbook", "../A"]), true),
        (APART, ("A", &["main.runbook.hcl"]), ("B", &["-runbook", "main.runbook.hcl"]), false),
        (SIBLINGS, ("", &["one.runbook.hcl"]), ("", &["-runbook", "two.runbook.hcl"]), false),
        (SIBLINGS, ("", &["one.runbook.hcl"]), ("", &[]), false),
        (SIBLINGS, ("", &["one.runbook.hcl"]), ("", &["-runbook", "one.runbook.hcl"]), true),
        // A directory with one file is the same runbook as that file.
        (ALONE, ("A", &["main.runbook.hcl"]), ("A", &[]), true),
        (ALONE, ("A", &[]), ("A", &["-runbook", "main.runbook.hcl"]), true),
        // The directory has no runbook, and all records are of one runbook.
        (ALONE, ("A", &[]), ("none", &[]), true),
    ];
    for (files, (ran_in, run), (undone_in, undo), is_meant) in cases {
        let (cloud, place) = (Cloud::start(), Place::new());
        let journal = place.path().join("records");
        let journal = ["-journal", journal.to_str().expect("UTF-8")];
        for (at, file) in files.iter().enumerate() {
            place.write(file, container(&format!("new{at}")));
        }
        let ran = within(&cloud, &place, ran_in, &[&["run", "-auto-approve"], &journal[..], run].concat());
        holds(&ran, 0, &[]);
        for how in ["-plan", "-auto-approve"] {
            let undone = within(&cloud, &place, undone_in, &[&["undo", how], &journal[..], undo].concat());
            let said = if is_meant {
                ["DELETE http", "step.blob_container.new0"]
            } else {
                ["nothing to undo: no run of this runbook is on record: it is `", "the records are of `"]
            };
            holds(&undone, 0, &said);
        }
        assert_eq!(removed(&cloud).len(), usize::from(is_meant), "{files:?} {undo:?}");
    }
}

/// A directory without any record is probably the wrong one, whether or not a runbook is there.
#[test]
fn without_records_each_command_says_where_it_looked() {
    for (runbook, made) in [(true, false), (false, false), (false, true)] {
        let (cloud, place) = (Cloud::start(), Place::new());
        if runbook {
            place.write("main.runbook.hcl", container("new"));
        }
        let records = place.path().join(".arcbook").join("runs");
        if made {
            std::fs::create_dir_all(&records).expect("a directory");
        }
        let records = records.display();
        let nothing = if made { "there are no records in" } else { "there is no directory" };
        let looked = format!("no run is on record: {nothing} {records}");
        for arguments in [
            &["undo"][..],
            &["undo", "-plan"],
            &["undo", "-auto-approve"],
            &["undo", "-json"],
            &["undo", "-quiet"],
            &["undo", "2026"],
            &["show"],
            &["show", "2026"],
            &["verify", "latest"],
        ] {
            // JSON escapes the separators of Windows.
            let is_json = arguments.contains(&"-json");
            let looked = if is_json { looked.replace('\\', "\\\\") } else { looked.clone() };
            holds(&cloud.run(&place, arguments), 3, &[&looked, "arcbook keeps records below the directory"]);
        }
        if runbook {
            holds(&cloud.run(&place, &["run", "-auto-approve", "-resume", "latest"]), 3, &[&looked]);
        }
        // A list may be empty.
        holds(&cloud.run(&place, &["runs"]), 0, &[&looked]);
        // So may a directory that is checked, if it is there.
        let verified = cloud.run(&place, &["verify"]);
        holds(&verified, if made { 0 } else { 3 }, &[if made { "There are no records in" } else { &looked }]);
        // A mistyped path is an error, not a runbook without runs.
        holds(&cloud.run(&place, &["undo", "-runbook", "typo"]), 3, &["cannot read typo"]);
    }
}

#[test]
fn a_moved_runbook_needs_its_run_by_name() {
    for (run, moved) in [(&[][..], "elsewhere"), (&["main.runbook.hcl"], "elsewhere"), (&[], "deep/here")] {
        let (cloud, place) = (Cloud::start(), Place::new());
        place.write("here/main.runbook.hcl", [container("new"), container("other")].concat());
        place.write("deep/file", "");
        cloud.lab.inject(FAILS.parse().expect("a fault"));
        let ran = within(&cloud, &place, "here", &[&["run", "-auto-approve"], run].concat());
        holds(&ran, 1, &[]);
        let run_name = run_of(&place, "here/.arcbook/runs");
        fs::rename(place.path().join("here"), place.path().join(moved)).expect("moved");
        let resume = |name| [&["run", "-auto-approve", "-resume", name], run].concat();
        let latest = within(&cloud, &place, moved, &resume("latest"));
        let is = format!("{}, the records are of", moved.replace('/', std::path::MAIN_SEPARATOR_STR));
        holds(
            &latest,
            3,
            &[
                "no run of this runbook is on record",
                "here",
                &is,
                "moved or renamed",
                "name the run",
                "-resume 2",
            ],
        );
        holds(&within(&cloud, &place, moved, &resume(&run_name)), 0, &["resuming"]);
        holds(&within(&cloud, &place, moved, &["undo", "-auto-approve"]), 0, &["DELETE http"]);
    }
}

#[test]
fn a_run_of_another_runbook_is_not_resumed() {
    let (cloud, place) = (Cloud::start(), Place::new());
    for directory in ["A", "B"] {
        place.write(&format!("{directory}/main.runbook.hcl"), container("other"));
    }
    cloud.lab.inject(FAILS.parse().expect("a fault"));
    holds(&within(&cloud, &place, "A", &["run", "-auto-approve", "-journal", "../records"]), 1, &[]);
    let run = run_of(&place, "records");
    let resume = |name| ["run", "-auto-approve", "-journal", "../records", "-resume", name];
    holds(&within(&cloud, &place, "B", &resume("latest")), 3, &["it is `B` in", "the records are of `A` in"]);
    let named = within(&cloud, &place, "B", &resume(&run));
    holds(&named, 3, &["it is of the runbook `A` in", "this is `B` in"]);
}

/// The newest record has a date in the future, because the clock was set back since.
#[test]
fn the_newest_run_does_not_depend_on_the_clock() {
    let (cloud, place) = (Cloud::start(), Place::new());
    place.write("A/main.runbook.hcl", container("old-one"));
    holds(&within(&cloud, &place, "A", &["run", "-auto-approve", "-journal", "../records"]), 0, &[]);
    let first = run_of(&place, "records");
    let later = format!("2999{}", &first[4..]);
    let record = |run: &str| place.path().join(format!("records/{run}.jsonl"));
    fs::rename(record(&first), record(&later)).expect("renamed");
    place.write("A/main.runbook.hcl", container("new-one"));
    holds(&within(&cloud, &place, "A", &["run", "-auto-approve", "-journal", "../records"]), 0, &[]);
    let undone = within(&cloud, &place, "A", &["undo", "-auto-approve", "-journal", "../records"]);
    holds(&undone, 0, &["step.blob_container.new-one"]);
    assert_eq!(removed(&cloud), ["DELETE /new-one?restype=container"]);
}

/// The error names the cause: an own blob that could not be removed, or another user's blob.
#[test]
fn an_error_about_a_nonempty_container_names_the_cause() {
    let blob = |name: &str| {
        format!(
            "step \"blob_upload\" \"{name}\" {{\n  account = \"acc01\"\n  container = \"new\"\n  name = \"{name}\"\n  \
             content = \"{name}\"\n  depends_on = [step.blob_container.new]\n}}\n"
        )
    };
    let own = "could not be removed: step.blob_upload.a.";
    let other = "were not created by the run being undone";
    for (somebody_else, fails, says, says_not) in
        [(false, true, own, other), (true, true, own, other), (true, false, other, own)]
    {
        let (cloud, place) = (Cloud::start(), Place::with(&[container("new"), blob("a")].concat()));
        holds(&cloud.run(&place, &["run", "-auto-approve"]), 0, &[]);
        if somebody_else {
            let text = [container("new"), blob("b")].concat();
            holds(&cloud.run(&Place::with(&text), &["run", "-auto-approve"]), 0, &[]);
        }
        if fails {
            cloud.lab.inject("blob:403:method=DELETE:path=new/a:times=1".parse().expect("a fault"));
        }
        let undone = cloud.run(&place, &["undo", "-auto-approve"]);
        holds(&undone, 1, &["the container is not empty", says]);
        assert!(!undone.err.contains(says_not), "{}", undone.seen());
        if !somebody_else {
            holds(&cloud.run(&place, &["undo", "-auto-approve"]), 0, &[]);
            assert_eq!(removed(&cloud).len(), 2);
        }
    }
}
