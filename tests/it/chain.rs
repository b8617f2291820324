//! Changes to the world, the runbook or the records between a run and the one that resumes or undoes it.

use std::fs;
use std::path::PathBuf;

use arcbook_engine::journal::Digest;
use arcbook_lab::Fault;
use serde_json::Value as Json;

use crate::cloud::{Cloud, WORLD};
use crate::support::{Place, Ran};

/// A runbook that creates a container and uploads three blobs; the fault `FAILS` makes the last upload fail.
const RUNBOOK: &str = r#"
variable "account" { default = "acc01" }

step "blob_container" "new" {
  account = var.account
  name    = "new"
}

step "blob_upload" "a" {
  account   = var.account
  container = step.blob_container.new.name
  name      = "a.txt"
  source    = "a.txt"
}

step "blob_upload" "b" {
  account   = var.account
  container = step.blob_container.new.name
  name      = "b.txt"
  content   = "b"
}

step "blob_upload" "old" {
  account    = "acc01"
  container  = "old"
  name       = "kept.txt"
  content    = "changed"
  depends_on = [step.blob_upload.a, step.blob_upload.b]
}
"#;

const FAILS: &str = "blob:403:method=PUT:path=kept:times=1";
const RESUME: [&str; 4] = ["run", "-auto-approve", "-resume", "latest"];
const UNDO: [&str; 2] = ["undo", "-auto-approve"];

fn place() -> Place {
    let place = Place::with(RUNBOOK);
    place.write("a.txt", "a");
    place
}

fn fault(cloud: &Cloud, fault: &str) {
    cloud.lab.inject(fault.parse::<Fault>().expect("a fault"));
}

/// Creates a place with a run that failed at its last step.
fn stopped(cloud: &Cloud) -> Place {
    let place = place();
    fault(cloud, FAILS);
    let ran = cloud.run(&place, &["run", "-auto-approve"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    place
}

/// Returns the names of the runs, oldest first.
fn runs(place: &Place) -> Vec<String> {
    let lines = place.run(&["runs"]).out;
    lines.lines().filter_map(|line| line.split(' ').next().map(str::to_owned)).collect()
}

fn record(place: &Place, run: &str) -> PathBuf {
    place.path().join(format!(".arcbook/runs/{run}.jsonl"))
}

/// Returns the requests with this method that changed something.
fn changes(cloud: &Cloud, method: &str) -> Vec<String> {
    cloud.changes().into_iter().filter(|change| change.starts_with(method)).collect()
}

pub fn holds(ran: &Ran, code: i32, parts: &[&str]) {
    assert_eq!(ran.code, Some(code), "{}", ran.seen());
    // The program wraps messages at the width of the terminal.
    let said = [ran.out.as_str(), ran.err.as_str()].concat().split_whitespace().collect::<Vec<_>>().join(" ");
    let said = said.replace(" | ", " ");
    for part in parts {
        assert!(said.contains(part), "no {part} in {}", ran.seen());
    }
}

/// Undoes the last run with a copy of the place, so that the original records do not show it.
fn taken_away(cloud: &Cloud, place: &Place) {
    let copy = Place::new();
    for (path, content) in place.files() {
        let name = path.strip_prefix(place.path()).expect("within").to_string_lossy().into_owned();
        copy.write(&name, content);
    }
    let run = runs(place).pop().expect("a run");
    holds(&cloud.run(&copy, &[&UNDO[..], &[&run]].concat()), 0, &[]);
}

/// Runs the runbook from another place, as another user would.
fn somebody_else(cloud: &Cloud, runbook: &str) {
    let other = Place::with(runbook);
    other.write("a.txt", "a");
    holds(&cloud.run(&other, &["run", "-auto-approve"]), 0, &[]);
}

const OVERWRITES: &str = r#"
step "blob_upload" "a" {
  account   = "acc01"
  container = "new"
  name      = "a.txt"
  content   = "somebody else's"
}
"#;

const CONTAINER: &str = r#"
step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}
"#;

/// The change between the two runs, the exit code of the second, the uploads that it repeats, and its
/// messages.
type Case = (&'static str, fn(&Cloud, &Place), i32, &'static [&'static str], &'static [&'static str]);

#[test]
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

/// Rewrites a record with a valid hash chain.
fn forged(place: &Place, run: &str, change: impl Fn(&str) -> String) {
    let path = record(place, run);
    let mut prev = "0".repeat(64);
    let mut forged = String::new();
    for line in fs::read_to_string(&path).expect("a record").lines() {
        let line = change(line);
        let line =
            format!("{{\"prev\":\"{prev}\"{}", &line[line.find("\",\"seq\"").expect("a number") + 1..]);
        prev = Digest::of(line.as_bytes()).to_string();
        forged.push_str(&line);
        forged.push('\n');
    }
    fs::write(path, forged).expect("written");
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
        holds(&place.run(&["show", run]), 0, &["lab embedded"]);
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

/// The response is lost after the change, or the request before it.
#[test]
fn undo_checks_an_unconfirmed_change() {
    for (lost, path, removed) in [
        (
            "lost-answer",
            "a.txt",
            &["DELETE /new/a.txt", "DELETE /new/b.txt", "DELETE /new?restype=container"][..],
        ),
        ("reset", "a.txt", &["DELETE /new/b.txt", "DELETE /new?restype=container"]),
        ("lost-answer", "restype=container", &["DELETE /new?restype=container"]),
        ("reset", "restype=container", &[]),
    ] {
        for asked_for in [true, false] {
            let cloud = Cloud::start();
            let place = place();
            let once = "\n  retry { attempts = 1 }\n";
            let text =
                RUNBOOK.replace("  source    = \"a.txt\"\n", &format!("  source    = \"a.txt\"{once}"));
            let text = text.replace("  name    = \"new\"\n", &format!("  name    = \"new\"{once}"));
            let settings = if asked_for { "runbook {\n  on_failure = \"undo\"\n}\n" } else { "" };
            place.write("main.runbook.hcl", format!("{settings}{text}"));
            fault(&cloud, &format!("blob:{lost}:method=PUT:path={path}:times=1"));
            let ran = cloud.run(&place, &["run", "-auto-approve"]);
            holds(&ran, 1, &[]);
            if !asked_for {
                let undone = cloud.run(&place, &UNDO);
                holds(&undone, 0, &["if the run created it"]);
            }
            assert_eq!(changes(&cloud, "DELETE"), removed, "{lost} {path}: {}", ran.seen());
            holds(&cloud.run(&place, &UNDO), 0, &["nothing to undo"]);
            // Resuming and undoing must not each require the other first.
            let resumed = cloud.run(&place, &RESUME);
            if removed.is_empty() {
                holds(&resumed, 0, &[]);
            } else {
                holds(&resumed, 3, &["was undone by"]);
            }
            let taken = place.run(&["runs"]).out.contains("undone by");
            assert_eq!(taken, !removed.is_empty(), "{}", place.run(&["runs"]).seen());
        }
    }
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

#[test]
fn undo_keeps_a_container_that_somebody_else_recreated() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    taken_away(&cloud, &place);
    somebody_else(&cloud, CONTAINER);
    let removed = changes(&cloud, "DELETE").len();
    holds(&cloud.run(&place, &UNDO), 1, &["the container was recreated by another client"]);
    assert_eq!(changes(&cloud, "DELETE").len(), removed);
}

/// Each run of a chain has its own cleanup, which uploads a blob with a different name.
#[test]
fn undo_removes_what_the_cleanup_of_earlier_runs_created() {
    let cloud = Cloud::start();
    let place = place();
    let cleanup = r#"
        step "blob_upload" "report" {
          run_on     = "always"
          account    = "acc01"
          container  = "old"
          name       = "${runbook.run_id}.txt"
          content    = "it was run"
          depends_on = [step.blob_upload.old]
        }
    "#;
    place.write("main.runbook.hcl", format!("{RUNBOOK}{cleanup}"));
    for _ in 0..2 {
        fault(&cloud, FAILS);
        let arguments: &[&str] =
            if runs(&place)[0].contains('-') { &RESUME } else { &["run", "-auto-approve"] };
        holds(&cloud.run(&place, arguments), 1, &[]);
    }
    holds(&cloud.run(&place, &UNDO), 0, &[]);
    let removed = changes(&cloud, "DELETE");
    let [first, second] = &runs(&place)[..2] else { panic!("two runs") };
    for run in [first, second] {
        assert!(removed.contains(&format!("DELETE /old/{run}.txt")), "{removed:?}");
    }
}

#[test]
fn a_run_that_was_resumed_cannot_be_undone() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &RESUME), 1, &[]);
    holds(&cloud.run(&place, &RESUME), 0, &[]);
    let runs = runs(&place);
    for run in &runs[..2] {
        let newest = format!("`arcbook undo {}`", runs[2]);
        holds(&cloud.run(&place, &["undo", "-auto-approve", run]), 3, &["was resumed", &newest]);
    }
    assert!(changes(&cloud, "DELETE").is_empty());
}

#[test]
fn the_newest_run_is_one_of_this_runbook() {
    let cloud = Cloud::start();
    let shared = Place::new();
    let journal = shared.path().join("runs");
    let journal = journal.to_str().expect("UTF-8");
    let (place, other, third) =
        (place(), Place::with(CONTAINER), Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n"));
    holds(&cloud.run(&place, &["run", "-auto-approve", "-journal", journal]), 0, &[]);
    holds(&cloud.run(&other, &["run", "-auto-approve", "-journal", journal]), 0, &[]);
    holds(&cloud.run(&third, &["run", "-journal", journal]), 0, &[]);
    // A directory without a runbook needs `-runbook`.
    let nowhere = cloud.run(&shared, &["undo", "-plan", "-journal", journal]);
    holds(&nowhere, 3, &["the records are of several runbooks", "-runbook PATH"]);
    let path = place.path().to_str().expect("UTF-8");
    let named = cloud.run(&shared, &["undo", "-plan", "-journal", journal, "-runbook", path]);
    holds(&named, 0, &["step.blob_upload.a"]);
    holds(&cloud.run(&place, &["undo", "-plan", "-journal", journal]), 0, &["step.blob_upload.a"]);
    holds(&cloud.run(&other, &["undo", "-plan", "-journal", journal]), 0, &["nothing to undo"]);
    let missing = Place::with(CONTAINER);
    let path = missing.path().to_str().expect("UTF-8");
    let missing = cloud.run(&shared, &["undo", "-plan", "-journal", journal, "-runbook", path]);
    holds(&missing, 0, &["nothing to undo: no run of this runbook is on record", "the records are of"]);
}

/// The clock has been set back, or a record is damaged.
#[test]
fn runs_are_ordered_by_their_links_and_a_damaged_record_is_named() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &RESUME), 1, &[]);
    let [first, second] = &runs(&place)[..] else { panic!("two runs") };
    // Simulates a clock that was set back between the two runs.
    let older = "20200101-000000.000-000000";
    fs::rename(record(&place, second), record(&place, older)).expect("renamed");
    forged(&place, older, |line| {
        line.replace(&format!("\"run\":\"{second}\",\"format\""), &format!("\"run\":\"{older}\",\"format\""))
    });
    holds(&cloud.run(&place, &["undo", "-plan"]), 0, &[&format!("objects of the run {older} are removed")]);
    let resumed = cloud.run(&place, &RESUME);
    holds(&resumed, 0, &[&format!("resuming {older}")]);
    let newest = runs(&place).pop().expect("a run");
    for (run, damage) in [(first.as_str(), true), (older, true), (older, false), (&newest, true)] {
        let path = record(&place, run);
        let whole = fs::read_to_string(&path).expect("a record");
        if damage {
            fs::write(&path, whole.replacen("step_started", "step_sterted", 1)).expect("written");
        } else {
            fs::remove_file(&path).expect("removed");
        }
        for command in [&RESUME[..], &UNDO] {
            let ran = cloud.run(&place, command);
            assert_eq!(ran.code, Some(3), "{run}: {}", ran.seen());
            assert!(ran.err.contains(run), "{run}: {}", ran.seen());
        }
        fs::write(&path, whole).expect("written");
    }
    assert!(changes(&cloud, "DELETE").is_empty());
    holds(&cloud.run(&place, &UNDO), 0, &[]);
}

#[test]
fn undo_shows_its_list_before_anything_else() {
    let cloud = Cloud::start();
    let place = stopped(&cloud);
    let list = ["- step.blob_upload.a", "- step.blob_container.new", "DELETE http://"];
    let planned = cloud.run(&place, &["undo", "-plan"]);
    holds(&planned, 0, &list);
    // Without a terminal, the program cannot ask for approval.
    let asked = cloud.run(&place, &["undo"]);
    holds(&asked, 1, &list);
    assert!(asked.err.contains("not-approved"), "{}", asked.seen());
    let json = cloud.run(&place, &["undo", "-plan", "-json"]);
    let line = json.out.lines().last().expect("an object");
    let object: Json = serde_json::from_str(line).expect("JSON");
    assert_eq!(object["steps"].as_array().map(Vec::len), Some(3), "{}", json.seen());
    assert_eq!(runs(&place).len(), 1);
    assert!(changes(&cloud, "DELETE").is_empty());
    holds(&cloud.run(&place, &UNDO), 0, &list);
    for command in [&["undo"][..], &["undo", "-plan"], &UNDO] {
        holds(&cloud.run(&place, command), 0, &["There is nothing to undo"]);
    }
}

#[test]
fn quiet_prints_nothing_on_success() {
    let cloud = Cloud::start();
    let place = place();
    let run = ["run", "-auto-approve", "-quiet"];
    fault(&cloud, FAILS);
    holds(&cloud.run(&place, &run), 1, &["error[", "-resume"]);
    for command in [&[&RESUME[..], &["-quiet"]].concat()[..], &[&UNDO[..], &["-quiet"]].concat(), &run] {
        let ran = cloud.run(&place, command);
        assert_eq!((ran.code, ran.out.as_str(), ran.err.as_str()), (Some(0), "", ""), "{}", ran.seen());
    }
}
