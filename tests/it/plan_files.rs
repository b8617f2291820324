//! `plan -out`, `run PLAN` and `show PLAN`.

mod changed;
#[cfg(unix)]
mod programs;

use arcbook_lab::Service;
use serde_json::Value as Json;

use crate::cloud::Cloud;
use crate::support::{Place, Ran, finished, settings};

const RUNBOOK: &str = r#"
variable "region" { default = "west" }

variable "password" {
  type      = string
  sensitive = true
}

variable "ticket" {
  type      = string
  ephemeral = true
}

step "keyvault_secret" "word" {
  vault = "kv01"
  name  = "word"
}

step "blob_upload" "note" {
  account   = "acc01"
  container = "old"
  name      = "${var.region}.txt"
  content   = file("note.txt")
  metadata  = { version = step.keyvault_secret.word.version }
}

step "blob_upload" "data" {
  account   = "acc01"
  container = "old"
  name      = "data.bin"
  source    = "data.bin"
}

module "site" {
  source = "./site"
  region = var.region
}

step "echo" "digest" {
  input = [sha256(var.password), var.password == "x"]
}

check "ticket" {
  assert {
    condition     = var.ticket != ""
    error_message = "A ticket is empty."
  }
}
"#;

const SITE: &str = r#"
variable "region" { type = string }

step "blob_upload" "site" {
  account   = "acc01"
  container = "old"
  name      = "site-${var.region}.txt"
  content   = "site"
}
"#;

const GIVEN: [&str; 4] = ["-var", "password=hunter2-plan", "-var", "ticket=t-4711"];

fn book() -> Place {
    let place = Place::new();
    place.write("book/main.runbook.hcl", RUNBOOK);
    place.write("book/site/main.runbook.hcl", SITE);
    place.write("book/note.txt", "a note");
    place.write("book/data.bin", [0, 159, 146, 150]);
    place.write("book/x.auto.vars.hcl", "region = \"north\"\n");
    place
}

fn saved(cloud: &Cloud, place: &Place) -> Ran {
    let arguments = [&["plan", "-out", "book.plan"], &GIVEN[..], &["book"]].concat();
    let ran = cloud.run(place, &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    ran
}

fn run(cloud: &Cloud, place: &Place, more: &[&str]) -> Ran {
    cloud.run(place, &[&["run"], more, &GIVEN[..], &["book.plan"]].concat())
}

fn text(place: &Place) -> String {
    std::fs::read_to_string(place.path().join("book.plan")).expect("the plan file")
}

fn json(place: &Place) -> Json {
    serde_json::from_str(&text(place)).expect("JSON")
}

#[test]
fn a_plan_is_saved_shown_and_run() {
    let (cloud, place) = (Cloud::start(), book());
    let ran = saved(&cloud, &place);
    let end: Vec<&str> = ran.out.lines().rev().take(3).collect();
    assert_eq!(end[0], "To run this plan: arcbook run -var password=… -var ticket=… book.plan");
    assert_eq!(end[1], "It is for the host web01.");
    assert!(end[2].starts_with("The plan is saved in book.plan (sha256 "), "{}", end[2]);
    let mut settings = settings();
    settings.add_filter(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[at]");
    settings.bind(|| insta::assert_snapshot!(place.run(&["show", "book.plan"]).seen()));
    let shown = place.run(&["show", "-json", "book.plan"]);
    assert_eq!(shown.out.trim_end(), text(&place));

    let ran = run(&cloud, &place, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(cloud.changes(), ["PUT /old/data.bin", "PUT /old/north.txt", "PUT /old/site-north.txt"]);
    let record = place.run(&["show", "-json"]);
    let started: Json = serde_json::from_str(record.out.lines().next().expect("events")).expect("JSON");
    let sha256 = end[2].split([' ', ')']).find(|word| word.len() == 64).expect("a digest");
    assert_eq!(started["plan"], sha256);
    assert_eq!(started["read"][0]["path"], "note.txt");
    assert!(place.run(&["show"]).out.contains(&sha256.to_owned()));
}

/// The plan file lists every request that the lab receives.
#[test]
fn a_run_sends_only_the_listed_requests() {
    let (cloud, place) = (Cloud::start(), book());
    saved(&cloud, &place);
    assert!(cloud.lab.requests().iter().all(|request| !request.changed), "a plan changes nothing");
    let before = cloud.lab.requests().len();
    assert_eq!(run(&cloud, &place, &[]).code, Some(0));
    let plan = json(&place);
    let requests: Vec<&Json> = plan["plan"]["steps"]
        .as_array()
        .expect("steps")
        .iter()
        .flat_map(|step| step["actions"].as_array().expect("actions"))
        .filter(|action| action["kind"] == "http")
        .collect();
    let mut seen = 0;
    for request in cloud.lab.requests().iter().skip(before) {
        if !matches!(request.service, Service::Blob | Service::KeyVault) {
            continue;
        }
        // This includes the first request to a vault, which has no token and returns a challenge.
        seen += 1;
        let path = request.target.split('?').next().expect("a path");
        let listed = requests.iter().any(|call| {
            let url = call["url"].as_str().expect("a URL");
            call["method"] == request.method.as_str()
                && url.split('?').next().expect("a path").ends_with(path)
        });
        assert!(listed, "{} {} is not listed", request.method, request.target);
    }
    assert!(seen >= 7, "only {seen} requests");
}

#[test]
fn the_differences_of_a_step_are_shown() {
    let cloud = Cloud::start();
    let runbook = RUNBOOK
        .replace("${var.region}.txt", "${var.region}.md")
        .replace("step \"echo\" \"digest\"", "step \"echo\" \"other\"");
    let ran = changed::changed(&cloud, "main.runbook.hcl", &runbook);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    settings().bind(|| insta::assert_snapshot!(ran.err));
}

#[test]
fn a_run_uses_the_planned_values() {
    let (cloud, place) = (Cloud::start(), book());
    saved(&cloud, &place);
    let run = |more: &[&str]| cloud.run(&place, &[&["run"], more, &["book.plan"]].concat());
    for (given, expected) in [
        (["-var", "password=hunter3", "-var", "ticket=t-1"], "the variable `password` has another value"),
        (["-var", "password=hunter2-plan", "-var", "region=south"], "the variable `ticket` has no value"),
        (["-var", "ticket=t-1", "-var", "region=south"], "the variable `password` has no value"),
    ] {
        let ran = run(&given);
        assert_eq!(ran.code, Some(3), "{}", ran.seen());
        assert!(ran.err.contains(expected), "no {expected} in {}", ran.err);
    }
    let ran = run(&[&GIVEN[..], &["-var", "region=south"]].concat());
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("the variable `region` has another value") && !ran.err.contains("hunter2"));
    assert!(ran.err.contains(r#""north" in the plan, "south" now"#), "{}", ran.err);
    assert_eq!(cloud.changes(), [""; 0]);
    // `-var` may repeat the planned value, the run ignores the environment variable, and an ephemeral value
    // may differ.
    let mut command = cloud.command(
        &place,
        &["run", "-var", "password=hunter2-plan", "-var", "ticket=t-9", "-var", "region=north", "book.plan"],
    );
    let ran = Ran::of(finished(command.env("ARCBOOK_VAR_region", "east")));
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

#[test]
fn a_plan_file_moves_with_its_runbook() {
    let (cloud, place, other) = (Cloud::start(), book(), Place::new());
    saved(&cloud, &place);
    let moved = other.path().join("deep/down");
    std::fs::create_dir_all(&moved).expect("made");
    for name in ["book", "book.plan"] {
        std::fs::rename(place.path().join(name), moved.join(name)).expect("moved");
    }
    let arguments = [&["run"], &GIVEN[..], &["deep/down/book.plan"]].concat();
    let ran = cloud.run(&other, &arguments);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    std::fs::rename(moved.join("book"), moved.join("tome")).expect("moved");
    let ran = cloud.run(&other, &arguments);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("for the runbook at `book`"), "{}", ran.err);
}

#[test]
fn a_failed_run_of_a_plan_is_resumed_with_it() {
    let (cloud, place) = (Cloud::start(), book());
    saved(&cloud, &place);
    cloud.lab.inject("blob:403:method=PUT:path=north:times=1".parse().expect("a fault"));
    let failed = run(&cloud, &place, &[]);
    assert_eq!(failed.code, Some(1), "{}", failed.seen());
    assert!(failed.out.contains("book.plan"), "{}", failed.seen());
    let resumed = run(&cloud, &place, &["-resume", "latest"]);
    assert_eq!(resumed.code, Some(0), "{}", resumed.seen());
    assert_eq!(cloud.changes().len(), 3);
}

#[test]
fn equal_plans_have_equal_files() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = { b = 1.50, a = \"ü\" }\n}\n");
    for name in ["one.plan", "other.plan"] {
        assert_eq!(place.run(&["plan", "-out", name]).code, Some(0));
    }
    let [one, other] = ["one.plan", "other.plan"]
        .map(|name| std::fs::read_to_string(place.path().join(name)).expect("read"));
    // The files differ in the time at which they were made, and in nothing else.
    let without_time = |text: &str| {
        let (before, rest) = text.split_once("\"made\":{\"at\":\"").expect("a time");
        format!("{before}{}", rest.split_once('"').expect("its end").1)
    };
    assert_eq!(without_time(&one), without_time(&other));
    let ran = place.run(&["run", "one.plan"]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
}

#[test]
fn the_time_of_a_plan_is_kept() {
    let place = Place::with("output \"at\" {\n  value = plantimestamp()\n}\n");
    assert_eq!(place.run(&["plan", "-out", "a.plan"]).code, Some(0));
    let path = place.path().join("a.plan");
    let plan: Json = serde_json::from_slice(&std::fs::read(&path).expect("read")).expect("JSON");
    let time = plan["time"].as_str().expect("a time").to_owned();
    let earlier = format!("2001{}", &time[4..]);
    std::fs::write(&path, std::fs::read_to_string(&path).expect("read").replace(&time, &earlier))
        .expect("written");
    let ran = place.run(&["run", "a.plan"]);
    assert!(ran.code == Some(0) && ran.out.contains(&earlier), "{}", ran.seen());
}

#[test]
fn a_plan_file_overwrites_only_a_plan_file() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n");
    let before = std::fs::read(place.path().join("main.runbook.hcl")).expect("read");
    let ran = place.run(&["plan", "-out", "main.runbook.hcl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    assert!(ran.err.contains("already exists and is not a plan file"), "{}", ran.err);
    assert_eq!(std::fs::read(place.path().join("main.runbook.hcl")).expect("read"), before);
    for _ in 0..2 {
        assert_eq!(place.run(&["plan", "-out", "a.plan"]).code, Some(0));
    }
    assert_eq!(place.run(&["plan", "-out", "none/a.plan"]).code, Some(1));
    let ran = place.run(&["plan", "a.plan"]);
    assert_eq!(ran.code, Some(3), "{}", ran.seen());
    assert!(ran.err.contains("`arcbook show a.plan` shows it"), "{}", ran.err);
}

#[cfg(unix)]
#[test]
fn a_plan_file_is_readable_only_by_its_user() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n");
    assert_eq!(place.run(&["plan", "-out", "a.plan"]).code, Some(0));
    let metadata = std::fs::metadata(place.path().join("a.plan")).expect("there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_invalid_plan_file_is_explained() {
    let place = Place::with("step \"echo\" \"a\" {\n  input = 1\n}\n");
    assert_eq!(place.run(&["plan", "-out", "a.plan"]).code, Some(0));
    let text = std::fs::read_to_string(place.path().join("a.plan")).expect("read");
    let cases = [
        ("cut.plan", text[..text.len() / 2].to_owned()),
        ("garbage.plan", "{ not JSON".to_owned()),
        ("other.plan", "{\"a\": 1}".to_owned()),
        ("newer.plan", text.replace("\"format\":1,\"kind\"", "\"format\":7,\"kind\"")),
        ("edited.plan", text.replace(",\"kind\"", ", \"kind\"")),
    ];
    let mut seen = String::new();
    for (name, content) in cases {
        place.write(name, content);
        for command in ["run", "show"] {
            let ran = place.run(&[command, name]);
            assert_eq!(ran.code, Some(if command == "run" { 3 } else { 1 }), "{name}: {}", ran.seen());
            if command == "run" {
                seen += &ran.err;
            }
        }
    }
    settings().bind(|| insta::assert_snapshot!(seen));
}

#[test]
fn a_live_plan_is_run_while_the_state_is_unchanged() {
    let (cloud, place) = (Cloud::start(), book());
    let arguments = [&["plan", "-live", "-out", "book.plan"], &GIVEN[..], &["book"]].concat();
    let planned = cloud.run(&place, &arguments);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    let plan = json(&place);
    assert_eq!(plan["plan"]["steps"][1]["change"]["action"], "create");
    assert!(
        place.run(&["show", "book.plan"]).out.contains("+ step.blob_upload.note"),
        "it is shown as it was planned"
    );
    assert_eq!(cloud.changes(), [""; 0]);
    let ran = run(&cloud, &place, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(cloud.changes().len(), 3);
    // The plan has been executed, so its changes exist.
    let again = run(&cloud, &place, &[]);
    assert_eq!(again.code, Some(3), "{}", again.seen());
    let done: Vec<&str> = again.err.lines().filter(|line| line.contains("error")).collect();
    let [done, "1 error"] = done[..] else { panic!("{}", again.seen()) };
    assert!(done.starts_with("error[plan-done]: the plan book.plan was already run by "), "{done}");
    assert_eq!(cloud.changes().len(), 3);
}

/// A default is in the runbook of the plan.
#[test]
fn only_values_that_the_run_needs_are_left_open() {
    let runbook = "variable \"pw\" {\n  sensitive = true\n  default = \"abcdefgh1\"\n}\nstep \"echo\" \"e\" { input = var.pw }\n";
    for (given, expected) in
        [(&[][..], "arcbook run a.plan"), (&["-var", "pw=abcdefgh2"], "arcbook run -var pw=… a.plan")]
    {
        let place = Place::with(runbook);
        let ran = place.run(&[&["plan", "-out", "a.plan"], given].concat());
        assert!(ran.out.ends_with(&format!("To run this plan: {expected}\n")), "{}", ran.seen());
        let ran = place.run(&[&["run", "-auto-approve"], given, &["a.plan"]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.seen());
    }
}

#[test]
fn a_plan_against_a_run_is_run() {
    let (cloud, place) = (Cloud::start(), book());
    let given = |command: &[&str]| cloud.run(&place, &[command, &GIVEN[..], &["book"]].concat());
    assert_eq!(given(&["run", "-auto-approve"]).code, Some(0));
    let planned = given(&["plan", "-against", "latest", "-out", "book.plan"]);
    assert_eq!(planned.code, Some(0), "{}", planned.seen());
    assert_eq!(json(&place)["plan"]["answers"]["from"], "run");
    let ran = run(&cloud, &place, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.seen());
    assert_eq!(cloud.changes().len(), 3, "all was as wanted");
}
