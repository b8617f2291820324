//! A run that fails is a failed task with a message.

use arcbook_lab::Fault;
use serde_json::{Value as Json, json};

use super::machines::{Machines, RUNBOOK, changes, recap};

#[test]
fn a_failed_run_is_a_failed_task() {
    let Some(machines) = Machines::start(&["east", "west", "north", "south"]) else { return };
    let fault = "blob:403:times=always:path=report.txt:method=PUT";
    machines.cloud("west").lab.inject(fault.parse::<Fault>().expect("a fault"));
    machines.place.write("north/runbook/main.runbook.hcl", RUNBOOK.replace("account   =", "acount    ="));
    std::fs::remove_dir_all(machines.place.path().join("south/runbook")).expect("removed");
    let ran = machines.play(&[]);
    assert_eq!(ran.code, Some(2), "{}", ran.seen());
    for (name, failed) in [("east", 0), ("west", 1), ("north", 1), ("south", 1)] {
        assert_eq!(recap(&ran, name, "failed"), failed, "{name}: {}", ran.out);
    }
    let message = |name| machines.result(name)["msg"].as_str().expect("a message").to_owned();
    for (name, code, parts) in [
        ("west", 1, &["The run failed: step.blob_upload.report: ", " answered 403", "Remedy: ", "Run 2"][..]),
        ("north", 3, &["Nothing ran: ", "`acount`", "main.runbook.hcl:", "Remedy: did you mean `account`?"]),
        ("south", 3, &["Nothing ran: ", "south/runbook"]),
    ] {
        let (message, result) = (message(name), machines.result(name));
        assert_eq!((&result["failed"], &result["rc"]), (&json!(true), &json!(code)), "{result}");
        for part in parts {
            assert!(message.contains(part), "no {part:?} in {message}");
        }
        assert!(!message.contains('\n') && ran.seen().contains(&message[..40]), "{}", ran.seen());
    }
    // The container was made before the upload failed.
    let result = machines.result("west");
    assert_eq!((&result["changed"], changes(&result).len()), (&json!(true), 1), "{result}");
    assert_eq!(machines.result("north")["changed"], json!(false));
}

#[test]
fn a_failed_plan_is_a_failed_task() {
    let Some(machines) = Machines::start(&["east"]) else { return };
    machines.cloud("east").lab.inject("keyvault:403:times=always".parse::<Fault>().expect("a fault"));
    let ran = machines.play(&["--check"]);
    assert_eq!(ran.code, Some(2), "{}", ran.seen());
    let result = machines.result("east");
    assert!(result["msg"].as_str().is_some_and(|text| text.starts_with("The plan failed: ")), "{result}");
}

/// Options that no run can have, and parts of the messages about them.
fn wrong_options() -> Vec<(Json, &'static [&'static str])> {
    vec![
        (json!({ "path": "runbook" }), &["`path` is a relative path", "`chdir`"]),
        (json!({ "chdir": "/nowhere/at/all" }), &["`chdir` is not a directory", "/nowhere/at/all"]),
        (json!({ "vars": { "role": "a" }, "secret_vars": { "role": "a-secret" } }), &["both set role"]),
        (json!({ "vars": { "rôle": "a" } }), &["Nothing ran", "rôle", "did you mean `role`"]),
        (json!({ "vars": { "role": ["a"] } }), &["Nothing ran", "(vars:", "String required."]),
        (json!({ "timeout": "soon" }), &["Nothing ran", "-timeout"]),
        (json!({ "executable": "/bin/false" }), &["without a result"]),
        (json!({ "executable": "/nowhere/arcbook" }), &["Failed to find required executable"]),
    ]
}

#[test]
fn wrong_options_are_explained() {
    let Some(machines) = Machines::start(&["east"]) else { return };
    let cases = wrong_options();
    let options: Vec<&Json> = cases.iter().map(|(options, _)| options).collect();
    let task = json!({
        "name": "Run the runbook with wrong options",
        "arcbook.arcbook.arcbook": {
            "path": "{{ item.path | default(directory ~ '/runbook') }}",
            "chdir": "{{ item.chdir | default(omit) }}",
            "vars": "{{ item.vars | default({}) }}",
            "secret_vars": "{{ item.secret_vars | default({}) }}",
            "timeout": "{{ item.timeout | default(omit) }}",
            "executable": "{{ item.executable | default(arcbook) }}",
        },
        "loop": options,
        "register": "result",
    });
    let ran = machines.play_tasks(&[task], "result", &[]);
    assert_eq!(ran.code, Some(2), "{}", ran.seen());
    let results = machines.result("east");
    for (at, (options, parts)) in cases.iter().enumerate() {
        let result = &results["results"][at];
        let message = result["msg"].as_str().expect("a message");
        assert_eq!(result["failed"], json!(true), "{options}: {message}");
        for part in *parts {
            assert!(message.contains(part), "{options}: no {part:?} in {message}");
        }
    }
    assert_eq!(machines.changes(), [0]);
}

#[test]
fn a_stopped_module_stops_the_run() {
    let Some(machines) = Machines::start(&["east"]) else { return };
    // The parent of the program is arcbook, and the parent of that is the module.
    let runbook = r#"
        step "exec" "stops" {
          argv = ["sh", "-c", "kill -TERM $(sed -n 's/^PPid:.//p' /proc/$PPID/status)"]
        }
        step "wait" "long" { duration = "1h" }
        step "blob_container" "later" {
          account    = "acc01"
          name       = "later"
          depends_on = [step.wait.long]
        }
    "#;
    machines.place.write("east/runbook/main.runbook.hcl", runbook);
    let ran = machines.play(&[]);
    assert_eq!(ran.code, Some(2), "{}", ran.seen());
    let result = machines.result("east");
    assert_eq!((&result["rc"], &result["status"]), (&json!(130), &json!("interrupted")), "{result}");
    assert!(result["msg"].as_str().is_some_and(|text| text.contains("was stopped by a signal")), "{result}");
    assert_eq!(machines.changes(), [0]);
}
