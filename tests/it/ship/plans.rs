//! Plans that say where the record goes.

use super::{RUN, RUNBOOK, WORLD, created};
use crate::cloud::Cloud;
use crate::support::Place;

const ECHO: &str = "step \"echo\" \"a\" { input = 1 }\noutput \"a\" { value = step.echo.a.output }\n";

#[test]
fn a_plan_has_the_place_the_right_and_each_request() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(ECHO);
    let plan = cloud.run(&place, &["plan", "-requests", "-ship", "acc01/records/west"]);
    assert_eq!(plan.code, Some(0), "{}", plan.seen());
    for part in [
        "Leaves      the record of this run  → blob records/west/MACHINE/RUN.jsonl in account acc01",
        "Rights      Storage Blob Data Contributor  container records in acc01",
        "PUT http://acc01.blob.localhost",
        "record; token for http://storage.localhost",
        "acc01.blob.localhost",
    ] {
        assert!(plan.out.contains(part), "{part} is missing: {}", plan.seen());
    }
    let plan = cloud.run(&place, &["-json", "plan", "-ship", "acc01/records"]).plan();
    assert_eq!(plan["record"]["actions"].as_array().map(Vec::len), Some(3), "{plan}");
    assert_eq!(plan["tokens"][0]["steps"], serde_json::json!(["record"]));
    assert!(cloud.run(&place, &["-json", "plan"]).plan().get("record").is_none());
    // The run sends nothing to another path.
    assert_eq!(cloud.run(&place, &["run", "-ship", "acc01/records/west"]).code, Some(0));
    let sent = cloud.lab.requests().into_iter().filter(|request| request.target.contains("/records"));
    let targets: Vec<String> = sent.map(|request| format!("{} {}", request.method, request.target)).collect();
    assert!(
        matches!(targets.as_slice(), [one] if one.starts_with("PUT /records/west/web01-")),
        "{targets:?}"
    );
}

#[test]
fn a_plan_file_ships_to_the_reviewed_place_alone() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(ECHO);
    let saved = cloud.run(&place, &["plan", "-ship", "acc01/records/west", "-out", "p.json"]);
    assert_eq!(saved.code, Some(0), "{}", saved.seen());
    assert!(place.run(&["show", "p.json"]).out.contains("→ blob records/west/MACHINE/RUN.jsonl"));
    let refused = cloud.run(&place, &["run", "-ship", "acc01/old", "p.json"]);
    assert_eq!(refused.code, Some(3), "{}", refused.seen());
    let ran = cloud.run(&place, &["run", "p.json"]);
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.seen());
    assert!(matches!(created(&cloud).as_slice(), [one] if one.starts_with("/records/west/")));
}

#[test]
fn a_live_plan_keeps_the_given_place() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with(RUNBOOK);
    let plan = cloud.run(&place, &["plan", "-live", "-ship", "acc01/records/east"]);
    assert!(plan.out.contains("records/east/MACHINE/RUN.jsonl"), "{}", plan.seen());
    assert_eq!(created(&cloud).len(), 0);
}

#[test]
fn the_place_is_known_before_the_run_and_no_secret() {
    let block = |account: &str| {
        format!(
            "runbook {{\n  record {{\n    account   = {account}\n    container = \"records\"\n  }}\n}}\n{ECHO}"
        )
    };
    let secret = "variable \"s\" {\n  type      = string\n  sensitive = true\n}\n";
    let cases = [
        (format!("{secret}{}", block("var.s")), "is a secret"),
        (block("\"Not An Account\""), "`account` must be"),
        (block("\"https://evil.example\""), "is not a storage account of"),
        (block("var.none"), "var.none"),
        ("runbook {\n  record {\n    account = \"acc01\"\n  }\n}\n".to_owned() + ECHO, "`container`"),
        (
            "runbook {\n  record {\n    acount = \"acc01\"\n    container = \"records\"\n  }\n}\n".to_owned()
                + ECHO,
            "did you mean `account`",
        ),
        ("runbook {\n  record {}\n  record {}\n}\n".to_owned() + ECHO, "there are two `record` blocks"),
    ];
    let cloud = Cloud::of_world(WORLD);
    for (runbook, message) in cases {
        let ran = cloud.run(&Place::with(&runbook), &["plan", "-var", "s=hunter2acc"]);
        assert_eq!(ran.code, Some(3), "{runbook}: {}", ran.seen());
        assert!(ran.err.contains(message), "{message}: {}", ran.seen());
        assert!(!ran.err.contains("hunter2acc"), "{}", ran.seen());
    }
    // A value that only the run gives.
    let later = format!("step \"metadata\" \"m\" {{}}\n{}", block("step.metadata.m.name"));
    let ran = cloud.run(&Place::with(&later), &["plan"]);
    assert!(ran.err.contains("is not known before the run"), "{}", ran.seen());
    // A variable is known.
    let given = format!("variable \"logs\" {{\n  type = string\n}}\n{}", block("var.logs"));
    let ran = cloud.run(&Place::with(&given), &["plan", "-var", "logs=acc01"]);
    assert!(ran.out.contains("blob records/MACHINE/RUN.jsonl in account acc01"), "{}", ran.seen());
    for typed in ["nowhere", "acc01/records?sig=hunter2", "https://evil.example/records", "acc01/../records"]
    {
        for command in [&["run"][..], &["plan"], &["runs", "ship", "-to"]] {
            let option: &[&str] = if command.len() == 3 { &[] } else { &["-ship"] };
            let ran = cloud.run(&Place::with(ECHO), &[command, option, &[typed]].concat());
            assert_eq!(ran.code, Some(3), "{typed}: {}", ran.seen());
            assert!(!ran.err.contains("hunter2") && ran.err.contains("ACCOUNT/CONTAINER"), "{}", ran.seen());
        }
    }
}

#[test]
fn the_record_block_of_a_module_is_that_of_the_module_alone() {
    let cloud = Cloud::of_world(WORLD);
    let place = Place::with("module \"m\" { source = \"./m\" }\n");
    place.write("m/main.runbook.hcl", RUNBOOK);
    let ran = cloud.run(&place, &RUN);
    assert_eq!((ran.code, created(&cloud).len()), (Some(0), 0), "{}", ran.seen());
}
