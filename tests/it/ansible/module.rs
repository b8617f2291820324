//! Plays that run, repeat and plan a runbook.

use serde_json::{Value as Json, json};

use super::machines::{Machines, changes, recap};
use crate::support::Ran;

/// The step and the action of each change that a first run makes.
fn first() -> Vec<(String, String)> {
    let created = |step: &str| (step.to_owned(), "create".to_owned());
    vec![created("step.blob_container.reports"), created("step.blob_upload.report")]
}

fn assert_done(ran: &Ran) {
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(!ran.err.contains("[WARNING]"), "{}", ran.err);
}

#[test]
fn a_play_changes_each_machine_once() {
    let Some(mut machines) = Machines::start(&["east", "west", "north"]) else { return };
    // Another run has made the changes of this machine.
    let ran = machines.cloud("north").run(&machines.place, &["run", "-auto-approve", "north/runbook"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let ran = machines.play(&["--diff"]);
    assert_done(&ran);
    for (name, changed) in [("east", 1), ("west", 1), ("north", 0)] {
        assert_eq!((recap(&ran, name, "changed"), recap(&ran, name, "failed")), (changed, 0), "{name}");
    }
    assert_eq!(machines.changes(), [2, 2, 2]);
    assert_eq!(changes(&machines.result("east")), first());
    assert_eq!(changes(&machines.result("north")), []);
    let added = "\n+container reports in account acc01\n";
    assert_eq!(ran.out.matches(added).count(), 2, "{}", ran.out);

    let again = machines.play(&["--diff"]);
    assert_done(&again);
    assert_eq!(machines.changes(), [2, 2, 2]);
    assert!(
        ["east", "west", "north"].iter().all(|name| recap(&again, name, "changed") == 0),
        "{}",
        again.out
    );
    assert!(!again.out.contains("+++"), "{}", again.out);

    machines.set("vars", json!({ "role": "db ${x} %{y} \"z\" $${w}" }));
    let updated = machines.play(&["--diff"]);
    assert_done(&updated);
    let line = "-metadata.role = \"web\"\n+metadata.role = \"db ${x} %{y} \\\"z\\\" $${w}\"\n";
    assert_eq!(updated.out.matches(line).count(), 3, "{}", updated.out);
    assert_eq!(machines.changes(), [3, 3, 3]);
}

#[test]
fn the_result_is_that_of_the_record() {
    let Some(mut machines) = Machines::start(&["east"]) else { return };
    machines.set("vars", json!({ "role": "db" }));
    machines.set("fact", "site");
    let ran = machines.play(&[]);
    assert_done(&ran);
    let result = machines.result("east");
    assert_eq!(result["outputs"]["role"], "db", "{result}");
    assert!(result["outputs"]["url"].as_str().is_some_and(|url| url.ends_with("/reports/report.txt")));
    assert_eq!(result["ansible_facts"]["site"], result["outputs"]);
    assert_eq!((&result["sensitive_outputs"], &result["outputs"]["word"]), (&json!(["word"]), &Json::Null));
    assert_eq!((&result["steps"]["done"], &result["steps"]["changed"]), (&json!(3), &json!(2)));
    let record = result["record"].as_str().expect("a path");
    assert!(record.ends_with(&format!("/east/runs/{}.jsonl", result["run"].as_str().expect("a run"))));
    let digest = result["digest"].as_str().expect("a digest");
    let verified = machines.place.run(&["verify", "-journal", "east/runs", "-head", digest]);
    assert_eq!(verified.code, Some(0), "{}", verified.seen());
}

#[test]
fn check_mode_predicts_and_changes_nothing() {
    let Some(machines) = Machines::start(&["east", "west"]) else { return };
    let planned = machines.play(&["--check", "--diff"]);
    assert_done(&planned);
    assert_eq!(machines.changes(), [0, 0]);
    assert!(!machines.place.path().join("east/runs").exists(), "a plan has no record");
    let plan = machines.result("east");
    assert_eq!((&plan["changed"], changes(&plan)), (&true.into(), first()), "{plan}");
    assert!(planned.out.contains("\n+container reports in account acc01\n"), "{}", planned.out);
    assert_eq!((&plan["outputs"]["role"], &plan["unknown_outputs"]), (&json!("web"), &json!(["url"])));
    assert_eq!(plan["sensitive_outputs"], json!(["word"]));

    assert_done(&machines.play(&["--limit", "east"]));
    assert_eq!(changes(&machines.result("east")), changes(&plan));
    let again = machines.play(&["--check", "--diff"]);
    assert_done(&again);
    assert_eq!((recap(&again, "east", "changed"), recap(&again, "west", "changed")), (0, 1), "{}", again.out);
    assert_eq!(machines.changes(), [2, 0]);
}

#[test]
fn options_reach_the_command_line() {
    let Some(mut machines) = Machines::start(&["east"]) else { return };
    machines.place.write("east/first.json", r#"{ "role": "first" }"#);
    machines.place.write("east/second.vars.hcl", "role = \"second\"\n");
    machines.set("chdir", "{{ directory }}");
    machines.set("path", "runbook");
    machines.set("journal", "kept");
    machines.set("var_files", json!(["first.json", "second.vars.hcl"]));
    machines.set("target", json!(["step.blob_container.reports"]));
    machines.set("timeout", "5m");
    machines.set("lock_timeout", "10s");
    machines.set("wait_for_agent", "10s");
    machines.set("parallelism", 1);
    let ran = machines.play(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert!(ran.err.contains("only a part of the runbook is selected"), "{}", ran.err);
    let result = machines.result("east");
    assert_eq!(changes(&result), first()[..1]);
    assert_eq!(result["outputs"]["role"], "second");
    assert!(machines.place.path().join("east/kept").is_dir());
    // The rest of the same run.
    machines.set("target", json!(["all"]));
    machines.set("resume", "latest");
    machines.set("exclude", json!(["step.keyvault_secret.word"]));
    let ran = machines.play(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let result = machines.result("east");
    assert_eq!(
        (changes(&result), &result["steps"]["recalled"]),
        (first()[1..].to_vec(), &json!(1)),
        "{result}"
    );
}
