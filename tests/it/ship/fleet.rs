//! The records of several machines in one table, and their check.

use std::fs;

use serde_json::Value as Json;

use super::{
    RUN, RUNBOOK, WORLD, copied, created, downloaded, name_of, on_host, overwritten, record, records,
};
use crate::cloud::Cloud;
use crate::support::{Place, Ran};

const HOSTS: [&str; 3] = ["web01", "web02", "db01"];

/// Three machines, each with two runs, whose records are in one container.
fn fleet(world: &str) -> (Cloud, Vec<Place>) {
    let cloud = Cloud::of_world(world);
    let places = HOSTS.map(|host| {
        let place = Place::with(RUNBOOK);
        for _ in 0..2 {
            assert_eq!(on_host(&cloud, &place, host, &RUN).code, Some(0));
        }
        place
    });
    (cloud, places.into())
}

fn lines(ran: &Ran) -> Vec<Json> {
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn three_machines_are_one_table() {
    let (cloud, places) = fleet(WORLD);
    let anywhere = Place::new();
    let listed = cloud.run(&anywhere, &["runs", "-from", "acc01/records/west"]);
    assert_eq!(listed.code, Some(0), "{}", listed.seen());
    assert!(!listed.err.contains("warning"), "{}", listed.seen());
    assert_eq!(
        listed.out.lines().filter(|line| line.ends_with(": 2 records")).count(),
        3,
        "{}",
        listed.seen()
    );
    let rows = lines(&cloud.run(&anywhere, &["-json", "runs", "-from", "acc01/records/west"]));
    assert_eq!(rows.len(), 6);
    for (host, place) in HOSTS.iter().zip(&places) {
        let of_host: Vec<&Json> = rows.iter().filter(|row| row["host"] == *host).collect();
        assert_eq!(of_host.len(), 2, "{rows:?}");
        for (row, name) in of_host.iter().zip(records(place)) {
            assert!(row["machine"].as_str().is_some_and(|machine| machine.starts_with(&format!("{host}-"))));
            assert_eq!(format!("{}.jsonl", row["run"].as_str().expect("a run")), name);
            assert_eq!((&row["status"], &row["verdict"]), (&"done".into(), &"whole".into()));
            assert!(row["resource"].as_str().is_some_and(|id| id.ends_with("/machines/vm-1")), "{row}");
        }
    }
    // One of them is shown and checked by its name alone.
    let run = records(&places[2])[0].replace(".jsonl", "");
    let shown = cloud.run(&anywhere, &["show", "-from", "acc01/records", &run]);
    assert!(shown.code == Some(0) && shown.out.contains(&format!("run {run}")), "{}", shown.seen());
    let one = cloud.run(&anywhere, &["verify", "-from", "acc01/records", &run]);
    assert!(one.code == Some(0) && one.out.contains("The record is intact"), "{}", one.seen());
    // A directory is the same without the network.
    let copies = Place::new();
    for (host, place) in HOSTS.iter().zip(&places) {
        copied(place, &copies.path().join("fleet"), host);
    }
    let rows = lines(&copies.run(&["-json", "runs", "-from", "fleet"]));
    assert_eq!(rows.len(), 6);
    for typed in [&["verify", "-from", "fleet"][..], &["verify", "fleet"]] {
        let verified = copies.run(typed);
        assert_eq!((verified.code, verified.err.as_str()), (Some(0), ""), "{}", verified.seen());
    }
}

#[test]
fn a_forged_record_and_a_missing_one_are_found() {
    let (cloud, places) = fleet(&WORLD.replace("immutable = true", "immutable = false"));
    let anywhere = Place::new();
    let there = created(&cloud);
    let first = records(&places[1])[0].clone();
    let blob = name_of(there.iter().find(|target| target.ends_with(&first)).expect("the blob"));
    let machine = blob.split('/').nth(1).expect("a machine").to_owned();
    let whole = downloaded(&cloud, &blob);
    let forged = String::from_utf8(whole.clone()).expect("UTF-8").replace("a.txt", "b.txt");
    overwritten(&cloud, &blob, forged.as_bytes());
    let verify = ["verify", "-from", "acc01/records"];
    let verified = cloud.run(&anywhere, &verify);
    assert_eq!(verified.code, Some(1), "{}", verified.seen());
    assert!(verified.err.contains("was altered") && verified.err.contains(&machine), "{}", verified.seen());
    let rows = lines(&cloud.run(&anywhere, &["-json", "runs", "-from", "acc01/records"]));
    assert_eq!(rows.iter().filter(|row| row["verdict"] == "altered").count(), 1, "{rows:?}");
    // A chain that is forged from its first line on does not have the line that the next record names.
    let other = records(&places[0])[0].clone();
    overwritten(&cloud, &blob, &record(&places[0], &other));
    let verified = cloud.run(&anywhere, &verify);
    assert_eq!(verified.code, Some(1), "{}", verified.seen());
    // The machine has the record that the container lacks.
    overwritten(&cloud, &blob, &whole);
    assert_eq!(cloud.run(&anywhere, &verify).code, Some(0));

    let copies = Place::new();
    for (host, place) in HOSTS.iter().zip(&places) {
        copied(place, &copies.path().join("fleet"), host);
    }
    fs::remove_file(copies.path().join("fleet/web02").join(&first)).expect("removed");
    let verified = copies.run(&["verify", "fleet"]);
    assert_eq!(verified.code, Some(1), "{}", verified.seen());
    assert!(verified.err.contains("is missing") && verified.err.contains("web02"), "{}", verified.seen());
    assert!(copies.run(&["runs", "-from", "fleet"]).out.contains("MISSING"));
    // A machine that was renamed has the rest of its records elsewhere.
    fs::create_dir_all(copies.path().join("fleet/web02-old")).expect("made");
    fs::write(copies.path().join("fleet/web02-old").join(&first), record(&places[1], &first))
        .expect("written");
    assert_eq!(copies.run(&["verify", "fleet"]).code, Some(0));
    // Another machine cannot explain the loss by a removal of its own.
    fs::remove_dir_all(copies.path().join("fleet/web02-old")).expect("removed");
    let removal = format!(
        "{{\"prev\":\"{}\",\"seq\":1,\"at\":\"2026-01-01T00:00:00Z\",\"event\":\"prune_started\",\"run\":\"x.prune\",\"removes\":[{{\"run\":\"{}\",\"bytes\":1}}],\"heads\":[]}}\n",
        "0".repeat(64),
        first.replace(".jsonl", ""),
    );
    copies.write("fleet/db01/20990101-000000.000-abcdef.prune.jsonl", removal);
    let verified = copies.run(&["verify", "fleet"]);
    assert!(verified.code == Some(1) && verified.err.contains("is missing"), "{}", verified.seen());
    // The digest that a run printed is of any machine.
    let digest = verified_head(&copies, &records(&places[2])[1]);
    copies.write("fleet/web02/keep", "");
    let head = copies.run(&["verify", "-from", "fleet", "-head", &digest]);
    assert!(!head.err.contains("no record has the digest"), "{}", head.seen());
    let lost = copies.run(&["verify", "-from", "fleet", "-head", &"0".repeat(64)]);
    assert!(lost.err.contains("no record has the digest"), "{}", lost.seen());
}

/// Returns the digest of a record of the machine `db01`.
fn verified_head(copies: &Place, name: &str) -> String {
    let one = copies.run(&["-json", "verify", &format!("fleet/db01/{name}")]);
    lines(&one)[0]["digest"].as_str().expect("a digest").to_owned()
}
