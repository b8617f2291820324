//! Runs whose records are uploaded, now or by the next run.

use std::fs;

use serde_json::Value as Json;

use super::{RUN, RUNBOOK, WORLD, created, downloaded, name_of, overwritten, record, records, shipped};
use crate::cloud::Cloud;
use crate::signatures::with_keys;
use crate::summary::summary;
use crate::support::{Place, Ran, finished};

/// Returns the runbook with a step that sends nothing.
fn of_nothing() -> String {
    let (settings, _) = RUNBOOK.split_once("step ").expect("a step");
    format!("{settings}step \"echo\" \"a\" {{ input = 1 }}\noutput \"a\" {{ value = step.echo.a.output }}\n")
}

#[test]
fn each_record_is_uploaded_once_with_its_bytes() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(RUNBOOK);
    let first = cloud.run(&place, &RUN);
    assert_eq!((first.code, first.err.as_str()), (Some(0), ""), "{}", first.seen());
    let second = cloud.run(&place, &["run", "-auto-approve", "-quiet", "-summary"]);
    let found = summary(&second);
    assert_eq!(found["records"], serde_json::json!({ "shipped": 1, "left": 0 }), "{}", second.seen());
    let (names, there) = (records(&place), created(&cloud));
    assert_eq!(there.len(), 2, "{there:?}");
    for (name, target) in names.iter().zip(&there) {
        assert!(target.starts_with("/records/west/web01-") && target.ends_with(name), "{target}");
        assert_eq!(downloaded(&cloud, &name_of(target)), record(&place, name));
    }
    let url = format!("/records/{}", name_of(&there[0]));
    assert!(first.out.contains(&format!("The record is uploaded: {}{url}", cloud.lab.azure().blob("acc01"))));
    // Nothing was asked twice.
    let of_records = |target: &str| target.starts_with("/records/west/") && !target.contains("restype");
    let sent = cloud.lab.requests().into_iter().filter(|request| of_records(&request.target));
    let put = sent.filter(|request| request.method == "PUT");
    assert_eq!(put.count(), 2);
    // The record says where it goes, and the chain of records is whole there.
    assert!(place.run(&["show"]).out.contains("Leaves      the record → http"));
    for from in ["acc01/records/west", "acc01/records"] {
        let verified = cloud.run(&place, &["verify", "-from", from]);
        assert!(verified.code == Some(0) && !verified.err.contains("warning"), "{}", verified.seen());
        assert!(verified.out.contains("2 records in ") && verified.out.contains("are intact"));
    }
}

#[test]
fn a_signature_leaves_with_its_record() {
    let cloud = Cloud::of_world(&WORLD.replace("immutable = true", "immutable = false"));
    let place = Place::with(RUNBOOK);
    with_keys(&place);
    let sign = [&RUN[..], &["-sign", "key.pem"]].concat();
    for _ in 0..2 {
        assert_eq!(cloud.run(&place, &sign).code, Some(0));
    }
    let there = created(&cloud);
    let expected = records(&place).into_iter().flat_map(|name| [name.clone(), format!("{name}.intoto.json")]);
    assert!(
        there.iter().map(|target| target.rsplit('/').next().unwrap_or_default()).eq(expected),
        "{there:?}"
    );
    let verify = ["verify", "-from", "acc01/records", "-key", "key.pub"];
    let verified = cloud.run(&place, &verify);
    assert!(
        verified.code == Some(0) && verified.out.contains("Each of them is signed"),
        "{}",
        verified.seen()
    );
    assert!(!verified.err.contains("left out"), "{}", verified.seen());
    let one = records(&place)[1].replace(".jsonl", "");
    let one = cloud.run(&place, &[&verify[..], &[&one]].concat());
    assert!(one.code == Some(0) && one.out.contains("It is signed: run by"), "{}", one.seen());
    let other = cloud.run(&place, &["verify", "-from", "acc01/records", "-key", "other.pub"]);
    assert!(other.code == Some(1) && other.err.contains("no signature in it is one"), "{}", other.seen());
    // Whoever may write there can change a record, and not its signature.
    let second = String::from_utf8(record(&place, &records(&place)[1])).expect("UTF-8");
    overwritten(&cloud, &name_of(&there[2]), second.replace("\"done\":1", "\"done\":2").as_bytes());
    assert_eq!(cloud.run(&place, &verify).code, Some(1));
    overwritten(&cloud, &name_of(&there[3]), b"{}");
    overwritten(&cloud, &name_of(&there[2]), second.as_bytes());
    let unsigned = cloud.run(&place, &verify);
    assert!(unsigned.code == Some(1) && unsigned.err.contains("does not hold"), "{}", unsigned.seen());
}

#[test]
fn a_record_that_could_not_leave_is_uploaded_by_the_next_run() {
    let faults = "faults = [\"blob:403:method=PUT:path=/records/:times=2\"]\n";
    let cloud = Cloud::of_world(&format!("{faults}{WORLD}"));
    let place = Place::with(RUNBOOK);
    for count in 1..=2 {
        let ran = cloud.run(&place, &["run", "-auto-approve", "-quiet"]);
        // The result is that of the run.
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.seen());
        let more = if count == 2 { " and 1 more" } else { "" };
        assert!(ran.err.contains("warning[record-not-shipped]"), "{}", ran.seen());
        assert!(ran.err.contains(&format!("{more} could not be uploaded to http")), "{}", ran.seen());
        assert!(ran.err.contains("403") && ran.err.contains("arcbook runs ship"), "{}", ran.seen());
        assert_eq!((created(&cloud).len(), records(&place).len()), (0, count));
    }
    let before: Vec<Vec<u8>> = records(&place).iter().map(|name| record(&place, name)).collect();
    let ran = cloud.run(&place, &["-json", "run", "-auto-approve"]);
    let said = shipped(&ran);
    assert_eq!(
        (said["records"].as_array().map(Vec::len), &said["left"]),
        (Some(3), &Json::Array(Vec::new()))
    );
    assert_eq!(created(&cloud).len(), 3);
    let after: Vec<Vec<u8>> = records(&place).iter().take(2).map(|name| record(&place, name)).collect();
    assert_eq!(before, after);
}

#[test]
fn a_machine_without_an_agent_keeps_its_records_and_its_result() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(&of_nothing());
    let mut command = cloud.command(&place, &["run"]);
    for name in ["IMDS_ENDPOINT", "IDENTITY_ENDPOINT", "ARCBOOK_TEST_KEYS"] {
        command.env_remove(name);
    }
    let ran = Ran::of(finished(&mut command));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.err.contains("warning[record-not-shipped]"), "{}", ran.seen());
    assert_eq!(records(&place).len(), 1);
    let ran = cloud.run(&place, &["run"]);
    assert_eq!((ran.code, ran.err.as_str(), created(&cloud).len()), (Some(0), "", 2), "{}", ran.seen());
}

#[test]
fn resumed_runs_and_undos_leave_too() {
    let faults = "faults = [\"blob:403:method=PUT:path=/old/b.txt:times=2\"]\n";
    let cloud = Cloud::of_world(&format!("{faults}{WORLD}"));
    let second = "step \"blob_upload\" \"b\" {\n  account    = \"acc01\"\n  container  = \"old\"\n  name       = \"b.txt\"\n  content    = \"b\"\n  depends_on = [step.blob_upload.a]\n}\n";
    let place = Place::with(&format!("{RUNBOOK}{second}"));
    assert_eq!(cloud.run(&place, &RUN).code, Some(1));
    assert_eq!(created(&cloud).len(), 1);
    assert_eq!(cloud.run(&place, &["run", "-auto-approve", "-resume", "latest"]).code, Some(1));
    assert_eq!(created(&cloud).len(), 2);
    let listed = cloud.run(&place, &["undo", "-plan"]);
    assert!(
        listed.out.contains("The record of the undo leaves the machine: blob records/west/"),
        "{}",
        listed.seen()
    );
    let undone = cloud.run(&place, &["undo", "-auto-approve"]);
    assert_eq!((undone.code, undone.err.as_str()), (Some(0), ""), "{}", undone.seen());
    assert_eq!(created(&cloud).len(), 3);
    // An undo after a failure is a record of its own.
    let undoes = format!("{RUNBOOK}{second}").replace("runbook {", "runbook {\n  on_failure = \"undo\"");
    let cloud = Cloud::of_world(&format!("{faults}{WORLD}"));
    let place = Place::with(&undoes);
    assert_eq!(cloud.run(&place, &RUN).code, Some(1));
    assert_eq!((created(&cloud).len(), records(&place).len()), (2, 2));
    assert_eq!(cloud.run(&place, &["verify", "-from", "acc01/records"]).code, Some(0));
}

#[test]
fn another_record_of_that_name_is_named_and_both_stay() {
    let world = WORLD.replace("immutable = true", "immutable = false");
    let cloud = Cloud::of_world(&world);
    // The runbook names no place, so that the name of the blob is known before its upload.
    let (_, step) = RUNBOOK.split_once("step ").expect("a step");
    let place = Place::with(&format!("step {step}"));
    for _ in 0..2 {
        assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    }
    let names = records(&place);
    let shipped_to = |to: &str| cloud.run(&place, &["runs", "ship", "-to", to]);
    assert_eq!(shipped_to("acc01/records/probe").code, Some(0));
    let folder = name_of(&created(&cloud)[0]).split('/').nth(1).expect("a folder").to_owned();
    overwritten(&cloud, &format!("west/{folder}/{}", names[0]), b"forged\n");
    let own = record(&place, &names[0]);
    for _ in 0..2 {
        let ran = shipped_to("acc01/records/west");
        assert_eq!(ran.code, Some(1), "{}", ran.seen());
        assert!(ran.err.contains("error[record-conflict]"), "{}", ran.seen());
        let path = format!(".arcbook/runs/{}", names[0]);
        assert!(
            ran.err.contains(&path) && ran.err.contains(&format!("/records/west/{folder}/")),
            "{}",
            ran.seen()
        );
        // The other record left.
        assert!(created(&cloud).contains(&format!("/records/west/{folder}/{}", names[1])));
    }
    assert_eq!(record(&place, &names[0]), own);
    assert_eq!(downloaded(&cloud, &format!("west/{folder}/{}", names[0])), b"forged\n");
    // A record of the same size is told by its bytes.
    let mut other = own.clone();
    let end = other.len() - 2;
    other[end] = b' ';
    overwritten(&cloud, &format!("west/{folder}/{}", names[0]), &other);
    let ran = shipped_to("acc01/records/west");
    assert!(ran.err.contains("has sha256") && !ran.err.contains("another size"), "{}", ran.seen());
}

#[test]
fn a_long_record_is_sent_in_blocks_and_compared_in_ranges() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(RUNBOOK);
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    let name = "20260101-000000.000-abcdef.jsonl";
    let text = String::from_utf8(record(&place, &records(&place)[0])).expect("UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    let middle = format!("{}\n", "x".repeat(1 << 20)).repeat(10);
    let long = format!("{}\n{middle}{}\n", lines[0], lines[lines.len() - 1]);
    place.write(&format!(".arcbook/runs/{name}"), &long);
    assert_eq!(cloud.run(&place, &["runs", "ship"]).code, Some(0));
    let target = created(&cloud).into_iter().find(|target| target.contains(name)).expect("the blob");
    assert!(target.ends_with("?comp=blocklist"), "{target}");
    let blob = name_of(target.split('?').next().expect("a path"));
    assert_eq!(downloaded(&cloud, &blob), long.as_bytes());
    // Without its mark, it is compared.
    fs::remove_file(place.path().join(".arcbook/runs/shipped.log")).expect("removed");
    let ran = cloud.run(&place, &["-json", "runs", "ship"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let said = shipped(&ran);
    let there: Vec<_> =
        said["records"].as_array().into_iter().flatten().map(|one| &one["was_there"]).collect();
    assert_eq!(there, [true, true], "{said}");
}

#[test]
fn nothing_is_uploaded_twice_after_it_was_compressed_or_where_a_run_may_go_on() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(RUNBOOK);
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    let name = records(&place).remove(0);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &record(&place, &name)).expect("compressed");
    place.write(&format!(".arcbook/runs/{name}.gz"), encoder.finish().expect("compressed"));
    fs::remove_file(place.path().join(".arcbook/runs").join(&name)).expect("removed");
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    assert_eq!(created(&cloud).len(), 2);

    // A record without an end of another runbook is left alone as long as its writer holds its lock.
    let newest = records(&place).remove(0);
    let text = String::from_utf8(record(&place, &newest)).expect("UTF-8");
    let killed = "20991231-000000.000-abcdef.jsonl";
    let beginning = text.lines().next().expect("a line");
    place.write(&format!(".arcbook/runs/{killed}"), format!("{beginning}\n{{\"torn"));
    let file = fs::File::open(place.path().join(".arcbook/runs").join(killed)).expect("readable");
    let lock = arcbook_os::lock::FileLock::acquire(&file).expect("locked");
    let is_there = || created(&cloud).iter().any(|target| target.contains(killed));
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    assert!(!is_there());
    drop(lock);
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    assert!(is_there());
}

#[test]
fn a_lab_that_ends_gets_its_own_record_and_no_other() {
    let place = Place::with(RUNBOOK);
    place.write("w.lab.hcl", WORLD);
    for _ in 0..2 {
        let ran = place.run(&["-json", "run", "-lab"]);
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.seen());
        assert_eq!(shipped(&ran)["records"].as_array().map(Vec::len), Some(1), "{}", ran.seen());
    }
    assert!(!place.path().join(".arcbook/runs/shipped.log").exists());
    // A lasting place gets all of them.
    let cloud = Cloud::of_world(WORLD);
    assert_eq!(cloud.run(&place, &RUN).code, Some(0));
    assert_eq!(created(&cloud).len(), 3);
    assert_eq!(cloud.run(&place, &["verify", "-from", "acc01/records"]).code, Some(0));
}

#[test]
fn a_record_that_did_not_leave_is_not_pruned() {
    let faults = "faults = [\"blob:403:method=PUT:path=/records/:times=1\"]\n";
    let cloud = Cloud::of_world(&format!("{faults}{WORLD}"));
    let place = Place::with(&of_nothing());
    assert_eq!(cloud.run(&place, &["run"]).code, Some(0));
    let prune = ["runs", "prune", "-keep", "0", "-auto-approve"];
    let kept = place.run(&prune);
    assert!(kept.out.contains("they were to leave the machine, and did not"), "{}", kept.seen());
    assert_eq!(records(&place).len(), 1);
    assert_eq!(cloud.run(&place, &["runs", "ship"]).code, Some(0));
    let removed = place.run(&prune);
    assert_eq!(removed.code, Some(0), "{}", removed.seen());
    assert!(removed.out.contains("1 record removed"), "{}", removed.seen());
    // The record of the removal leaves as well, and explains what is gone.
    assert_eq!(cloud.run(&place, &["run"]).code, Some(0));
    assert_eq!(created(&cloud).iter().filter(|target| target.contains(".prune.jsonl")).count(), 1);
    assert_eq!(cloud.run(&place, &["verify", "-from", "acc01/records"]).code, Some(0));
}
