//! `plan -against`: a recorded run supplies the results of the services.

use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, settings};

const AGAINST: [&str; 6] = ["plan", "-against", "latest", "-var", "file=hosts", "jumpstart"];

/// Runs the Jumpstart lab in a cloud that no longer exists, and returns the place with its record.
fn after_a_run() -> Place {
    let place = Place::jumpstart();
    let run = Cloud::jumpstart_with_own_secret()
        .run(&place, &["run", "-auto-approve", "-var", "file=hosts", "jumpstart"]);
    assert_eq!(run.code, Some(0), "{}", run.seen());
    place
}

fn step<'a>(plan: &'a Json, address: &str) -> &'a Json {
    let steps = plan["steps"].as_array().expect("steps");
    steps.iter().find(|step| step["address"] == address).expect("the step")
}

#[test]
fn later_steps_are_concrete_without_the_network() {
    let place = after_a_run();
    let ran = place.run(&AGAINST);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    settings().bind(|| insta::assert_snapshot!(ran.seen()));
    let plan = place.run(&[&AGAINST[..], &["-json"]].concat()).plan();
    assert_eq!(plan["answers"]["from"], "run");
    for planned in plan["steps"].as_array().expect("steps") {
        assert_eq!(planned["answered"], true, "{planned}");
    }
}

#[test]
fn a_changed_step_has_no_recorded_result() {
    let place = after_a_run();
    let path = "jumpstart/jumpstart.runbook.hcl";
    let text = std::fs::read_to_string(place.path().join(path)).expect("the runbook");
    // The runbook has another query over the same response, another argument, and a step that the record
    // lacks.
    let text = text.replace(
        "extract     = { names = \"value[].tagName\" }",
        "extract     = { names = \"value[].tagName | sort(@)\" }",
    );
    let text = text.replace("name        = \"hosts.txt\"", "name        = \"other.txt\"");
    place.write(
        path,
        format!("{text}\nstep \"arm_get\" \"new\" {{\n  path = step.blob_upload.hosts.url\n}}\n"),
    );
    let ran = place.run(&[&AGAINST[..], &["-json", "-var", "container=other"]].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    let plan = ran.plan();
    let answered = |address: &str| {
        let step = step(&plan, address);
        (step["answered"].clone(), step["unanswered"].as_str().unwrap_or_default().to_owned())
    };
    let yes = || (Json::Bool(true), String::new());
    let no = |why: &str| (Json::Bool(false), why.to_owned());
    assert_eq!(answered("step.metadata.machine"), yes());
    assert_eq!(answered("step.arm_get.tag_names"), yes(), "a query is made anew");
    let otherwise = "its arguments, or the files that it sends, have changed";
    assert_eq!(answered("step.blob_container.uploads"), no(otherwise), "a variable");
    assert_eq!(answered("step.blob_upload.hosts"), no(otherwise), "an argument");
    assert_eq!(answered("step.arm_get.new"), no("it did not run then"));
}

#[test]
fn a_changed_upload_has_no_recorded_result() {
    let place = after_a_run();
    place.write("jumpstart/hosts", "127.0.0.1 other\n");
    let ran = place.run(&[&AGAINST[..], &["-json"]].concat());
    let plan = ran.plan();
    let why = "its arguments, or the files that it sends, have changed";
    assert_eq!(step(&plan, "step.blob_upload.hosts")["unanswered"], why, "{}", ran.seen());
    assert_eq!(step(&plan, "step.blob_container.uploads")["answered"], true);
}

#[test]
fn a_modified_record_is_refused() {
    let place = after_a_run();
    let journal =
        place.files().into_iter().find(|(path, _)| path.extension().is_some_and(|it| it == "jsonl"));
    let (path, content) = journal.expect("a journal");
    let text = String::from_utf8(content).expect("UTF-8").replace("ArcBox-Ubuntu-01", "ArcBox-Ubuntu-02");
    std::fs::write(path, text).expect("written");
    let ran = place.run(&AGAINST);
    assert!(ran.code == Some(3) && ran.err.contains("was changed"), "{}", ran.seen());
    let missing = place.run(&["plan", "-against", "20000101", "-var", "file=hosts", "jumpstart"]);
    assert!(
        missing.code == Some(3) && missing.err.contains("there is no run `20000101`"),
        "{}",
        missing.seen()
    );
}

const CHAIN: &str = r#"
step "keyvault_secret" "word" {
  vault = "kv01"
  name  = "word"
}

step "blob_container" "new" {
  account = "acc01"
  name    = "new"
}

step "blob_upload" "each" {
  for_each  = toset(["a", "b"])
  account   = "acc01"
  container = step.blob_container.new.name
  name      = "${each.key}-${step.keyvault_secret.word.version}.txt"
  content   = "${each.key} ${step.keyvault_secret.word.value}"
}

output "urls" { value = [for blob in step.blob_upload.each : blob.url] }
output "word" {
  value     = step.keyvault_secret.word.value
  sensitive = true
}
"#;

#[test]
fn a_secret_stays_unknown_and_values_derived_from_it_are_known() {
    let place = Place::with(CHAIN);
    let run = Cloud::start().run(&place, &["run", "-auto-approve"]);
    assert_eq!(run.code, Some(0), "{}", run.seen());
    let ran = place.run(&["plan", "-against", "latest", "-json"]);
    let plan = ran.plan();
    let blob = step(&plan, "step.blob_upload.each[\"a\"]");
    assert_eq!(blob["answered"], true, "{blob}");
    assert_eq!(blob["arguments"]["sensitive"], serde_json::json!([["content"]]));
    assert_eq!(plan["outputs"]["sensitive"], serde_json::json!([["word"]]));
    assert_eq!(plan["outputs"]["value"]["urls"].as_array().expect("urls").len(), 2);
    assert!(!ran.seen().contains("canary"), "{}", ran.seen());
}

#[test]
fn a_resumed_run_has_the_results_of_both_runs() {
    let (cloud, place) = (Cloud::start(), Place::with(CHAIN));
    cloud.lab.inject("blob:403:method=PUT:path=b-:times=1".parse().expect("a fault"));
    assert_eq!(cloud.run(&place, &["run", "-auto-approve"]).code, Some(1));
    let failed = place.run(&["plan", "-against", "latest", "-json"]).plan();
    assert_eq!(step(&failed, "step.blob_upload.each[\"b\"]")["unanswered"], "it failed then");
    let resumed = cloud.run(&place, &["run", "-auto-approve", "-resume", "latest"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    let plan = place.run(&["plan", "-against", "latest", "-json"]).plan();
    for planned in plan["steps"].as_array().expect("steps") {
        assert_eq!(planned["answered"], true, "{planned}");
    }
}

/// The output `items` of `arm_list` is the list `value` in its response.
#[test]
fn a_list_is_recorded_once_and_read_twice() {
    let place = after_a_run();
    let shown = place.run(&["show", "-json"]);
    let events = shown.out.lines().map(|line| serde_json::from_str::<Json>(line).expect("JSON"));
    let mut finished = events.filter(|event| event["event"] == "step_finished");
    let list = finished.find(|event| event["step"] == "step.arm_list.resources").expect("the list");
    let outputs = &list["outputs"];
    assert!(outputs["value"].get("items").is_none(), "{outputs}");
    assert_eq!(outputs["copies"], serde_json::json!([{ "name": "items", "of": ["body", "value"] }]));
    let items = outputs["value"]["body"]["value"].as_array().expect("a list").len();
    let input = format!("length(step.arm_list.resources.items) == {items}\n");
    let asked = crate::console::ask(&place, &["-run", "latest"], &input);
    assert_eq!((asked.code, asked.out.trim()), (Some(0), "true"), "{}", asked.seen());
}
