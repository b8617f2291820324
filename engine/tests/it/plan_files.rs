//! Plan files: their content, the errors for invalid ones, and runs of them.

use std::path::PathBuf;

use arcbook_engine::diagnostic::{Style, render_all};
use arcbook_engine::plan::file::{Bound, Made, PlanFile, PlanFileError, PlanFileInput, canonical, show};
use arcbook_engine::plan::{Plan, PlannedChange, register_plan_secrets};
use arcbook_engine::redact::Salt;
use arcbook_engine::run::{Observers, Status};
use arcbook_engine::step::Setting;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use crate::support::{Events, Stage, Tokens, full, origin, stage_files, stage_with};

const RUNBOOK: &str = r#"
variable "name" { default = "x" }
variable "pin" {
  default   = "0000"
  sensitive = true
}
locals { note = file("note.txt") }
step "read" "a" { value = "${var.name}-${local.note}" }
step "put" "b" { value = step.read.a.value }
step "put" "c" { value = var.pin }
output "b" { value = step.put.b.value }
"#;

const NOTE: (&str, &str) = ("note.txt", "a note");

fn stage() -> Stage {
    stage_files(&[("main.runbook.hcl", RUNBOOK), NOTE], &[]).expect("planned")
}

/// Creates the plan file; files with the same salt are comparable.
fn file(stage: &Stage, salt: Salt) -> PlanFile {
    let platform = Tokens::default();
    register_plan_secrets(&stage.secrets, &stage.plan);
    let values: [PathBuf; 0] = [];
    PlanFile::of(&PlanFileInput {
        earlier: None,
        plan: &stage.plan,
        runbook: &stage.runbook,
        sources: &stage.sources,
        values: &values,
        platform: &platform,
        secrets: &stage.secrets,
        version: "0",
        path: ".".to_owned(),
        salt,
        made: Made { by: origin().by, at: "2026-11-26T12:00:00Z".to_owned() },
        bound: Bound { host: Some("web01".to_owned()), principal: Setting::default().with("tenant", "t") },
    })
}

fn differences(then: &PlanFile, stage: &Stage) -> String {
    let found = then.differences(&file(stage, then.salt()), "make it anew");
    render_all(&found, &stage.sources, &Style::default())
}

fn read(text: &str) -> Result<PlanFile, PlanFileError> {
    PlanFile::read(text.as_bytes())
}

#[test]
fn a_written_plan_file_is_read_back() {
    let stage = stage();
    let written = file(&stage, Salt::random());
    let text = written.text();
    let again = read(&text).expect("a plan file");
    assert_eq!((again.text(), again.sha256()), (text.clone(), written.sha256()));
    assert_eq!(show(&again, &full()), show(&written, &full()));
    assert_eq!(differences(&again, &stage), "");
    assert_eq!(again.values().map(|(name, _)| name).collect::<Vec<_>>(), ["name"]);
    assert_eq!(again.withheld().collect::<Vec<_>>(), ["pin"]);
    assert!(!text.contains("0000\"") && !text.contains('\n'), "{text}");
}

#[test]
fn equal_runbooks_give_equal_files() {
    // The runbook's name is that of its temporary directory.
    let json = |salt| -> Json {
        let mut json = file(&stage(), salt).json().clone();
        json["plan"]["runbook"] = "name".into();
        json
    };
    let salt = Salt::random();
    assert_eq!(canonical(&json(salt)), canonical(&json(salt)));
    let (mut one, mut other) = (json(Salt::random()), json(Salt::random()));
    for member in ["salt", "seals"] {
        assert_ne!(one[member], other[member]);
        one[member] = Json::Null;
        other[member] = Json::Null;
    }
    assert_eq!(one, other);
    let open = stage_with("step \"read\" \"a\" { value = \"x\" }", &[]).expect("planned");
    assert_eq!(file(&open, Salt::random()).text(), file(&open, Salt::random()).text());
}

#[test]
fn every_changed_byte_of_a_source_is_detected() {
    let then = file(&stage(), Salt::random());
    for name in ["main.runbook.hcl", "note.txt"] {
        let text = if name == "note.txt" { NOTE.1 } else { RUNBOOK };
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b' ' { b'\n' } else { b' ' };
            let changed = String::from_utf8(bytes).expect("UTF-8");
            let other = |own: &str, text: &'static str| -> String {
                if own == name { changed.clone() } else { text.to_owned() }
            };
            let (runbook, note) = (other("main.runbook.hcl", RUNBOOK), other("note.txt", NOTE.1));
            let files = [("main.runbook.hcl", runbook.as_str()), ("note.txt", note.as_str())];
            // A runbook that cannot be planned cannot be run either.
            let Ok(stage) = stage_files(&files, &[]) else { continue };
            let found = differences(&then, &stage);
            let expected = format!("the file {name} has changed since the plan was made");
            assert!(found.contains(&expected), "{name} byte {at}: {found}");
        }
    }
    let marked = format!("\u{feff}{RUNBOOK}");
    let marked = stage_files(&[("main.runbook.hcl", &marked), NOTE], &[]).expect("planned");
    assert!(differences(&then, &marked).contains("main.runbook.hcl"));
}

#[test]
fn differences_are_told_one_by_one() {
    let then = file(&stage(), Salt::random());
    let runbook = RUNBOOK
        .replace("step \"put\" \"c\" { value = var.pin }", "step \"put\" \"d\" { value = var.pin }")
        .replace("${var.name}-", "${var.name}+");
    let files = [("main.runbook.hcl", runbook.as_str()), ("note.txt", "another note")];
    let now = stage_files(&files, &[("name", "y"), ("pin", "1111")]).expect("planned");
    // A runbook has the name of its directory, which is another one in each run of the test.
    let told = differences(&then, &now);
    let told = told.replace(&then.listing().runbook, "then").replace(&now.runbook.name, "now");
    insta::assert_snapshot!(told);
}

#[test]
fn another_version_is_refused() {
    let stage = stage();
    let then = file(&stage, Salt::random());
    let mut json = then.json().clone();
    json["arcbook"] = "0.0.1".into();
    let older = read(&canonical(&json)).expect("a plan file");
    assert!(differences(&older, &stage).contains("made by arcbook 0.0.1, and this is 0"));
}

#[test]
fn any_change_of_a_plan_file_is_detected() {
    let stage = stage();
    let then = file(&stage, Salt::random());
    for path in every_path(then.json()) {
        let mut json = then.json().clone();
        let member = json.pointer_mut(&path).expect("a member");
        *member = match member.take() {
            Json::String(text) => format!("{text}x").into(),
            Json::Bool(is) => (!is).into(),
            Json::Number(_) => 77.into(),
            Json::Null => "x".into(),
            Json::Array(mut elements) => {
                elements.push(Json::Null);
                elements.into()
            }
            Json::Object(mut members) => {
                members.insert("x".to_owned(), Json::Null);
                members.into()
            }
        };
        if let Ok(changed) = read(&canonical(&json)) {
            // The path only locates the runbook for the new plan. The others are inputs of that plan; what it
            // is bound to is compared with the machine.
            let is_input = ["/path", "/salt", "/made", "/bound"].iter().any(|input| path.starts_with(input));
            if !is_input {
                assert_ne!(differences(&changed, &stage), "", "{path} was changed");
            }
        }
    }
}

/// Returns the JSON pointers to everything in `json` except the root.
fn every_path(json: &Json) -> Vec<String> {
    let members: Vec<(String, &Json)> = match json {
        Json::Array(elements) => {
            elements.iter().enumerate().map(|(at, element)| (at.to_string(), element)).collect()
        }
        Json::Object(members) => {
            let escaped = |name: &String| name.replace('~', "~0").replace('/', "~1");
            members.iter().map(|(name, member)| (escaped(name), member)).collect()
        }
        _ => Vec::new(),
    };
    let below = |(name, member): (String, &Json)| {
        let inner = every_path(member).into_iter().map({
            let name = name.clone();
            move |path| format!("/{name}{path}")
        });
        std::iter::once(format!("/{name}")).chain(inner).collect::<Vec<_>>()
    };
    members.into_iter().flat_map(below).collect()
}

#[test]
fn an_invalid_plan_file_is_refused() {
    let text = file(&stage(), Salt::random()).text();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(read(&text[..end]).is_err(), "cut at {end}");
    }
    let mut other_format: Json = serde_json::from_str(&text).expect("JSON");
    other_format["format"] = 2.into();
    let cases = [
        (text[..text.len() / 2].to_owned(), "its end is missing"),
        ("{]".to_owned(), "it is not JSON"),
        ("{}".to_owned(), "no plan of arcbook"),
        ("[1]".to_owned(), "no plan of arcbook"),
        (json!({ "kind": "arcbook plan", "format": 1 }).to_string(), "missing field"),
        (canonical(&other_format), "it has format 2"),
        (text.replacen("\"effect\":\"reads\"", "\"effect\":\"sings\"", 1), "plan.steps[0].effect in it"),
        (format!("{text}\n"), "not as arcbook wrote it"),
        (text.replacen(':', ": ", 1), "not as arcbook wrote it"),
        (text.replacen("\"format\":1", "\"format\":1,\"format\":1", 1), "not as arcbook wrote it"),
        (format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000)), "recursion limit"),
    ];
    for (text, expected) in cases {
        let error = read(&text).err().expect("refused").to_string();
        assert!(error.contains(expected), "{error} for {}", &text[..text.len().min(80)]);
    }
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        "[ -~]{0,12}".prop_map(Json::from),
        "\\(known after [a-z.]{0,8}\\)".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Json>()),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_causes_a_panic(json in any_json()) {
        prop_assert!(read(&canonical(&json)).is_err());
    }

    #[test]
    fn no_json_in_a_plan_file_causes_a_panic(at in any::<prop::sample::Index>(), json in any_json()) {
        let stage = stage();
        let mut changed = file(&stage, Salt::random()).json().clone();
        let paths = every_path(&changed);
        *changed.pointer_mut(at.get::<String>(&paths)).expect("a member") = json;
        if let Ok(changed) = read(&canonical(&changed)) {
            prop_assert!(!show(&changed, &full()).is_empty());
            differences(&changed, &stage);
        }
    }
}

/// Runs a reviewed plan and returns its status and events.
async fn run_held(stage: &Stage, reviewed: &Plan) -> (Status, Events) {
    let events = Events::default();
    let mut observers = Observers::new();
    observers.add(events.clone());
    let (_keep, interrupts) = mpsc::channel(1);
    let report = stage.run_held(reviewed, &mut observers, interrupts).await;
    (report.status, events)
}

#[tokio::test]
async fn the_record_names_the_plan_file_and_its_sources() {
    let stage = stage();
    let (status, events) = run_held(&stage, &stage.plan).await;
    assert_eq!(status, Status::Done, "{}", events.text());
    let started = &events.of("run_started")[0];
    assert_eq!(started["plan"], "5".repeat(64));
    assert_eq!(started["read"][0]["path"], "note.txt");
}

#[tokio::test]
async fn a_value_that_differs_from_the_plan_fails_the_step() {
    let stage = stage();
    std::fs::write(stage.directory.path().join("note.txt"), "another note").expect("written");
    let (status, events) = run_held(&stage, &stage.plan).await;
    assert_eq!(status, Status::Failed);
    let failed = &events.of("step_failed")[0];
    assert_eq!(failed["error"]["code"], "unplanned-argument", "{failed}");
    assert!(!stage.log.lines().contains(&"step.read.a began".to_owned()));
}

#[tokio::test]
async fn an_unlisted_change_is_not_started() {
    for (planned_change, there, status) in [
        (PlannedChange::Create, false, Status::Done),
        (PlannedChange::Nothing, false, Status::Failed),
        (PlannedChange::Nothing, true, Status::Done),
        (PlannedChange::Update(Vec::new()), false, Status::Failed),
        (PlannedChange::unknown("nobody asked"), false, Status::Done),
    ] {
        let mut stage = stage_with("step \"put\" \"b\" { value = \"x\" }", &[]).expect("planned");
        if there {
            assert_eq!(stage.run(1, &Events::default()).await.status, Status::Done);
        }
        stage.plan.steps[0].planned_change = Some(planned_change.clone());
        let (ended, events) = run_held(&stage, &stage.plan).await;
        assert_eq!(ended, status, "{planned_change:?}: {}", events.text());
        let intended = !events.of("change_intended").is_empty();
        assert_eq!(intended, status == Status::Done && !there, "{planned_change:?}: {}", events.text());
        if status == Status::Failed {
            assert_eq!(events.of("step_failed")[0]["error"]["code"], "unplanned-change");
        }
        // An unreviewed run has no list of changes to obey.
        stage.service.clear();
        assert_eq!(stage.run(1, &Events::default()).await.status, Status::Done);
    }
}

/// The results of reads may have changed since the plan; a change of an unlisted instance is refused.
#[tokio::test]
async fn unlisted_instances_are_refused() {
    let text = |keys: &str| {
        format!(
            "step \"read\" \"keys\" {{ value = {keys} }}\nstep \"put\" \"each\" {{\n  for_each = step.read.keys.value\n  value    = each.key\n}}\n"
        )
    };
    let (stage, less) = (text("{ a = 1, b = 2 }"), text("{ a = 1 }"));
    let (stage, less) = (stage_with(&stage, &[]).expect("planned"), stage_with(&less, &[]).expect("planned"));
    // The plan did not know the instances, so it permits any.
    let (status, events) = run_held(&stage, &stage.plan).await;
    assert_eq!(status, Status::Done, "{}", events.text());
    let (_keep, interrupts) = mpsc::channel(1);
    let (reviewed, _) = stage.refresh(&Events::default(), interrupts).await;
    assert_eq!(run_held(&stage, &reviewed).await.0, Status::Done);
    // This plan was made when there were fewer instances.
    let (_keep, interrupts) = mpsc::channel(1);
    let (mut reviewed, _) = less.refresh(&Events::default(), interrupts).await;
    reviewed.steps.iter_mut().for_each(|step| step.planned_change = None);
    for step in &mut reviewed.steps {
        if step.address == "step.read.keys" {
            step.arguments.clone_from(&stage.plan.steps[0].arguments);
        }
    }
    let (status, events) = run_held(&stage, &reviewed).await;
    assert_eq!(status, Status::Failed, "{}", events.text());
    let failed = events.of("step_failed");
    assert_eq!(failed.len(), 1, "{}", events.text());
    assert_eq!(
        (&failed[0]["step"], &failed[0]["error"]["code"]),
        (&json!("step.put.each[\"b\"]"), &json!("unplanned-step"))
    );
}
