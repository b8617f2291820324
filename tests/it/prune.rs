//! `runs prune` removes old records, and never one that something still needs.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Duration;

use arcbook_engine::journal::{Directory, JournalError, Locks, Prune, Retention};
use arcbook_engine::run::{Approval, Origin, Versions};
use arcbook_engine::step::Actor;
use arcbook_os::lock::FileLock;

use crate::chain::{RESUME, UNDO, holds, stopped};
use crate::cloud::Cloud;
use crate::record_set::{Records, compress};
use crate::support::{Place, settings};

/// Returns the number of records of runs, and of records of removals.
fn count(place: &Place) -> (usize, usize) {
    let entries = fs::read_dir(place.path().join(".arcbook/runs")).expect("records").flatten();
    let names: Vec<String> = entries.map(|entry| entry.file_name().into_string().expect("UTF-8")).collect();
    let prunes = names.iter().filter(|name| name.contains(".prune.")).count();
    (names.len() - prunes, prunes)
}

#[test]
fn records_are_listed_removed_and_recorded() {
    let mut records = Records::of(4);
    let mut seen = String::new();
    let mut see = |records: &Records, arguments: &[&str]| {
        let ran = records.place.run(arguments);
        let text = records.named(&ran).replace(" bytes", "");
        seen += &["$ arcbook ", &arguments.join(" "), "\n", &text, "\n"].concat();
        ran
    };
    see(&records, &["runs", "prune"]);
    see(&records, &["runs", "prune", "-keep", "2", "-n"]);
    see(&records, &["runs", "prune", "-keep", "2"]);
    see(&records, &["runs", "prune", "-keep", "9", "-auto-approve"]);
    see(&records, &["runs", "prune", "-older-than", "30d", "-auto-approve"]);
    see(&records, &["runs", "prune", "-older-than", "30", "-auto-approve"]);
    see(&records, &["runs", "prune", "-older-than", "1ms", "-keep", "2", "-auto-approve"]);
    see(&records, &["verify"]);
    see(&records, &["runs", "prune", "-keep", "2", "-auto-approve"]);
    let digest = records.digests[0].clone();
    let verified = records.place.run(&["verify", "-head", &digest]);
    holds(&verified, 0, &["The record with the given digest was removed by 2"]);
    fs::remove_file(records.path(2)).expect("removed");
    see(&records, &["verify"]);
    records.run();
    see(&records, &["verify"]);
    let mut settings = settings();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "[time]");
    settings.add_filter(r"\b\d{3,5}\b", "[bytes]");
    settings.bind(|| insta::assert_snapshot!(seen));
}

#[test]
fn the_record_of_a_removal_is_shown_and_verified() {
    let records = Records::of(2);
    let ran = records.place.run(&["runs", "prune", "-keep", "1", "-auto-approve"]);
    let words = || ran.out.split([' ', ',']).filter(|word| word.contains(".prune"));
    let (name, digest) = (words().next().expect("a name"), ran.out.trim_end().trim_end_matches('.'));
    let digest = digest.rsplit(' ').next().expect("a digest");
    let path = format!(".arcbook/runs/{name}.jsonl");
    for name in [name, &path] {
        let shown = records.place.run(&["show", name]);
        holds(
            &shown,
            0,
            &["removal of 1 records", &records.runs[0], &records.digests[0], "The record is complete"],
        );
        holds(&records.place.run(&["show", name, "-json"]), 0, &[&records.digests[0]]);
        holds(&records.place.run(&["verify", name, "-digest", digest]), 0, &["2 records"]);
    }
    holds(&records.place.run(&["verify", "-head", digest]), 0, &[]);
    // The removal was killed while it wrote its intent: nothing was removed.
    let records = Records::of(1);
    let torn = records.directory().join("20300101-000000.000-abcdef.prune.jsonl");
    for content in ["", "{\"prev\":\"00"] {
        fs::write(&torn, content).expect("written");
        holds(&records.place.run(&["verify"]), 0, &["Without a line", "20300101-000000.000-abcdef.prune"]);
        assert_eq!(records.place.run(&["runs"]).out.lines().count(), 1);
    }
    fs::write(&torn, "{}\n").expect("written");
    holds(&records.place.run(&["verify"]), 1, &["altered: line 1"]);
}

/// A record of a removal stays as long as it explains the absence of a named record.
#[test]
fn records_of_removals_are_removed_with_the_last_that_needs_them() {
    let mut records = Records::of(3);
    for _ in 0..4 {
        let ran = records.place.run(&["runs", "prune", "-keep", "1", "-auto-approve"]);
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let verified = records.place.run(&["verify"]);
        assert_eq!(verified.code, Some(0), "{}", verified.seen());
        let (runs, prunes) = count(&records.place);
        assert!(runs == 1 && prunes <= 2, "{runs} runs and {prunes} removals");
        records.run();
        records.run();
        assert_eq!(records.place.run(&["verify"]).code, Some(0));
    }
}

/// The options, and the numbers of records that are removed and kept in spite of their age.
type Case<'a> = (&'a [&'a str], usize, &'a str);

fn pruned(place: &Place, cases: &[Case<'_>]) {
    for (options, removed, because) in cases {
        let ran = place.run(&[&["runs", "prune", "-keep", "0", "-n", "-json"], *options].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
        let json: serde_json::Value = serde_json::from_str(&ran.out).expect("one object");
        let found = json["removes"].as_array().map(Vec::len);
        assert!(found == Some(*removed) && ran.out.contains(because), "{options:?}: {}", ran.seen());
    }
}

const RESUMABLE: &str = "can still be resumed";
const UNDOABLE: &str = "can still be undone";
const BOTH: [&str; 2] = ["-including-resumable", "-including-undoable"];

#[test]
fn a_run_that_can_be_resumed_or_undone_is_kept_with_its_chain() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    pruned(
        &place,
        &[(&[], 0, RESUMABLE), (&BOTH[..1], 0, UNDOABLE), (&BOTH[1..], 0, RESUMABLE), (&BOTH, 1, "")],
    );
    holds(&cloud.run(&place, &RESUME), 0, &[]);
    pruned(&place, &[(&[], 0, UNDOABLE), (&BOTH[..1], 0, UNDOABLE), (&BOTH[1..], 2, ""), (&BOTH, 2, "")]);
    // An age or a number that keeps one record of a chain keeps all of it.
    let ran = place.run(&["runs", "prune", "-keep", "1", "-n", BOTH[0], BOTH[1]]);
    holds(&ran, 0, &["There is nothing to remove; 2 records are kept."]);
    holds(&cloud.run(&place, &UNDO), 0, &[]);
    pruned(&place, &[(&[], 3, ""), (&BOTH, 3, "")]);
    // Without the first record of the chain, nobody can tell.
    let first = fs::read_dir(place.path().join(".arcbook/runs")).expect("records").flatten();
    let first = first.map(|entry| entry.path()).min().expect("a record");
    fs::remove_file(first).expect("removed");
    pruned(&place, &[(&BOTH, 0, "altered or is missing")]);
}

#[test]
fn a_run_on_the_embedded_lab_ends_with_it() {
    let place = Place::jumpstart();
    let run = ["run", "-lab", "jumpstart", "-var", "file=hosts"];
    assert_eq!(place.run(&run).code, Some(0));
    pruned(&place, &[(&[], 1, "")]);
    let path = fs::read_dir(place.path().join(".arcbook/runs")).expect("records").flatten().next();
    let path = path.expect("a record").path();
    let text = fs::read_to_string(&path).expect("a record");
    let unfinished: String = text.split_inclusive('\n').take(3).collect();
    fs::write(&path, unfinished).expect("written");
    let lock = FileLock::acquire(&fs::File::open(&path).expect("readable")).expect("locked");
    pruned(&place, &[(&BOTH, 0, "may be in progress")]);
    drop(lock);
    pruned(&place, &[(&BOTH, 1, "")]);
    fs::write(&path, "").expect("written");
    pruned(&place, &[(&BOTH, 0, "may be in progress")]);
}

/// Returns the origin of a removal.
fn origin() -> Origin {
    let (by, command) = (Actor::default(), Vec::new());
    Origin { by, command, versions: Versions::default(), approval: Approval::AutoApprove }
}

/// The removal is killed before, between and after its steps: whatever is gone is known to be pruned.
#[test]
fn a_removal_that_is_killed_is_known() {
    for removals in 0..=3 {
        let mut records = Records::of(4);
        let directory = Directory::new(records.directory());
        let retention = Retention { keep: Some(1), ..Retention::default() };
        let prune = Prune::plan(&directory, &retention, |_| false).expect("planned");
        assert_eq!(prune.removes.len(), 3);
        let mut done = 0;
        let killed = catch_unwind(AssertUnwindSafe(|| {
            prune.carry_out(origin(), |path: &Path| {
                assert!(done < removals, "killed");
                done += 1;
                fs::remove_file(path)
            })
        }));
        assert_eq!(killed.is_err(), removals < 3);
        let verified = records.place.run(&["verify", "-json"]);
        assert_eq!(verified.code, Some(0), "{removals}: {}", verified.seen());
        let json: serde_json::Value = serde_json::from_str(&verified.out).expect("one object");
        let (pruned, left) =
            (json["pruned"].as_array().map(Vec::len), json["records"].as_array().map(Vec::len));
        // Of the removed records, only the last is named by one that is left.
        assert_eq!(
            (pruned, left),
            (Some(usize::from(removals > 0)), Some(5 - removals)),
            "{}",
            verified.seen()
        );
        records.run();
        holds(&records.place.run(&["runs", "prune", "-keep", "1", "-auto-approve"]), 0, &[]);
        assert_eq!(records.place.run(&["verify"]).code, Some(0));
    }
}

#[test]
fn a_removal_that_cannot_be_recorded_removes_nothing() {
    let records = Records::of(2);
    let directory = Directory::new(records.directory());
    let retention = Retention { keep: Some(0), ..Retention::default() };
    let prune = Prune::plan(&directory, &retention, |_| false).expect("planned");
    let aside = records.place.path().join("aside");
    fs::rename(records.directory(), &aside).expect("renamed");
    let refused = prune.carry_out(origin(), |_| panic!("nothing is removed"));
    assert!(matches!(refused, Err(JournalError::Prune { .. })), "{refused:?}");
    fs::rename(&aside, records.directory()).expect("renamed");
    // A record that cannot be removed is named, and the others are removed.
    let mut first = true;
    let pruned = prune.carry_out(origin(), |path| {
        if std::mem::take(&mut first) {
            Err(std::io::ErrorKind::PermissionDenied.into())
        } else {
            fs::remove_file(path)
        }
    });
    let left = pruned.expect("recorded").left;
    assert_eq!(left.iter().map(|left| left.run.as_str()).collect::<Vec<_>>(), [records.runs[0].as_str()]);
    assert_eq!(records.place.run(&["verify"]).code, Some(0));
}

#[test]
fn nothing_is_removed_while_the_runbook_runs() {
    let records = Records::of(2);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let place = fs::canonicalize(records.place.path()).expect("a directory");
    let locks = Locks::new(None);
    let lock =
        runtime.block_on(locks.acquire(("it", &place.to_string_lossy()), Duration::ZERO)).expect("free");
    let prune = ["runs", "prune", "-keep", "0", "-auto-approve"];
    let holder = if cfg!(target_os = "linux") {
        format!("is locked by process {}", std::process::id())
    } else {
        "is being run by another process".to_owned()
    };
    holds(&records.place.run(&prune), 1, &["[runbook-locked]", &holder, "-lock-timeout"]);
    holds(&records.place.run(&["runs", "prune", "-keep", "0", "-n"]), 0, &["2 records"]);
    drop(lock);
    holds(&records.place.run(&prune), 0, &["2 records removed"]);
    assert_eq!(count(&records.place), (0, 1));
}

/// An altered record may belong to any chain.
#[test]
fn nothing_is_removed_beside_an_altered_record() {
    let records = Records::of(2);
    fs::write(records.path(0), "{}\n").expect("written");
    let ran = records.place.run(&["runs", "prune", "-keep", "0", "-auto-approve"]);
    holds(&ran, 3, &["cannot be read: line 1: missing field `event`"]);
    assert_eq!(count(&records.place), (2, 0));
}

/// Every command reads a compressed record as any other; a resumed run writes a record of its own.
#[test]
fn compressed_records_are_read_like_others() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    let squeeze = || {
        let entries = fs::read_dir(place.path().join(".arcbook/runs")).expect("records").flatten();
        for path in entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
        {
            compress(&path);
        }
    };
    squeeze();
    for (arguments, says) in [
        (&["runs"][..], "failed"),
        (&["show", "-events"], "step.blob_upload.old failed"),
        (&["verify", "latest"], "The record is intact"),
        (&["verify"], "1 record in"),
        (&["plan", "-against", "latest"], "step.blob_upload.a"),
        (&["undo", "-plan"], "step.blob_container.new"),
        (&RESUME, "resuming"),
    ] {
        holds(&cloud.run(&place, arguments), 0, &[says]);
    }
    squeeze();
    holds(&cloud.run(&place, &UNDO), 0, &["DELETE http"]);
    holds(&place.run(&["verify"]), 0, &["3 records in"]);
    let ran = place.run(&["runs", "prune", "-keep", "0", "-auto-approve"]);
    holds(&ran, 0, &["3 records removed"]);
    assert_eq!(count(&place), (0, 1));
    holds(&place.run(&["verify"]), 0, &["1 record in"]);
}

/// A record that shows that another one is missing is not removed.
#[test]
fn the_records_that_name_a_missing_one_are_kept() {
    let records = Records::of(5);
    fs::remove_file(records.path(2)).expect("removed");
    let before = records.place.run(&["verify"]);
    assert_eq!(before.code, Some(1), "{}", before.seen());
    let pruned = records.place.run(&["runs", "prune", "-keep", "1", "-including-undoable", "-auto-approve"]);
    holds(&pruned, 0, &["they name a record that is missing"]);
    let after = records.place.run(&["verify"]);
    assert_eq!(after.code, Some(1), "{}", after.seen());
    assert!(after.seen().contains("1 is missing"), "{}", after.seen());
}
