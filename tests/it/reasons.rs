//! The reason of a failure, wherever it is told: to tools, in events, in the record, and in the last lines of a run.

use serde_json::{Value as Json, json};

use crate::cloud::Cloud;
use crate::console::{answers, book};
use crate::support::Place;

/// Two instances of a step fail at run time.
const RUNBOOK: &str = r#"
step "metadata" "m" {}

step "echo" "a" {
  for_each = toset(["x", "y"])
  input    = jsondecode("${each.key}${step.metadata.m.name}")
}

output "o" {
  value = step.echo.a
}
"#;

const REASON: &str = "not valid JSON";

fn objects(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn a_step_that_fails_tells_why_to_everybody() {
    let (cloud, place) = (Cloud::start(), Place::with(RUNBOOK));
    let ran = cloud.run(&place, &["run", "-json"]);
    assert_eq!(ran.code, Some(1), "{}", ran.seen());
    let id = cloud.run(&place, &["runs"]).out.split(' ').next().expect("a run").to_owned();
    let record =
        std::fs::read_to_string(place.path().join(format!(".arcbook/runs/{id}.jsonl"))).expect("a record");
    let shown = cloud.run(&place, &["show", "-json"]);
    for told in [objects(&ran.out), objects(&record), objects(&shown.out)] {
        let failed: Vec<&Json> = told.iter().filter(|event| event["event"] == "step_failed").collect();
        assert_eq!(failed.len(), 2, "{}", ran.seen());
        for event in failed {
            let error = &event["error"];
            assert!(error["detail"].as_str().is_some_and(|detail| detail.contains(REASON)), "{event}");
            assert_eq!(error["address"], event["step"], "{event}");
        }
    }
    let found = objects(&ran.out).into_iter().filter_map(|object| object.get("diagnostic").cloned());
    let found: Vec<Json> = found.collect();
    assert_eq!(found.len(), 1, "{}", ran.seen());
    assert_eq!(
        (&found[0]["address"], &found[0]["others"]),
        (&json!("step.echo.a[\"x\"]"), &json!(["step.echo.a[\"y\"]"]))
    );
    let shown = cloud.run(&place, &["show", "-events"]).out;
    let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(shown.matches(REASON).count(), 3, "{shown}");
    let people = cloud.run(&place, &["run"]);
    let end = people.out.split("Failed:").nth(1).expect("it failed");
    assert!(end.contains("step.echo.a[\"x\"]") && end.contains(REASON), "{}", people.seen());
}

#[test]
fn what_cannot_be_evaluated_tells_why_and_where_to_tools() {
    let place = book();
    place.write("a.tftpl", "${a + 1}");
    let cases = [
        ("jsondecode(\"{\")", REASON),
        ("var.region + 1", "a number is required"),
        ("tonumber(\"x\")", "number"),
        (
            "templatefile(\"a.tftpl\", { a = \"west\" })",
            "a.tftpl:1:3: `+` cannot be applied to a string: a number is required",
        ),
        ("templatestring(var.region, {}) + 1", "a number is required"),
    ];
    let expressions = cases.map(|(expression, _)| expression);
    for ((expression, reason), answer) in cases.iter().zip(answers(&place, &[], &expressions)) {
        let detail = answer["diagnostics"][0]["detail"].as_str().unwrap_or_default();
        assert!(detail.contains(reason), "{expression}: {answer}");
    }
    let runbook = "step \"echo\" \"a\" {\n  for_each = toset([\"x\", \"y\"])\n  input = jsondecode(each.key)\n}\noutput \"o\" {\n  value = step.echo.a\n}\n";
    place.write("main.runbook.hcl", runbook);
    let ran = place.run(&["validate", "-json"]);
    let found = &objects(&ran.out)[0]["diagnostics"][0];
    assert!(found["detail"].as_str().is_some_and(|detail| detail.contains(REASON)), "{found}");
    assert_eq!(
        (&found["address"], &found["others"]),
        (&json!("step.echo.a[\"x\"]"), &json!(["step.echo.a[\"y\"]"]))
    );
}

/// A template's variables may be secrets whatever the runbook declares.
#[test]
fn the_reason_inside_a_template_quotes_no_value_from_outside() {
    let place = Place::with(
        "variable \"pw\" {}\nvariable \"t\" {\n  default = \"x\"\n}\noutput \"o\" {\n  value = CALL\n}\n",
    );
    place.write("add.tftpl", "${a + 1}");
    place.write("number.tftpl", "${tonumber(a)}");
    place.write("index.tftpl", "${a.b}${{ x = 1 }[a]}");
    place.write("jinja.j2", "{{ a.b.c }}{{ a + 1 }}");
    let calls = [
        "templatefile(\"add.tftpl\", { a = var.pw })",
        "templatefile(\"number.tftpl\", { a = var.pw })",
        "templatefile(\"number.tftpl\", { a = \"${var.pw}!\" })",
        "templatefile(\"index.tftpl\", { a = var.pw })",
        "templatefile(\"jinja.j2\", { a = var.pw })",
        "templatefile(\"number.tftpl\", sensitive({ a = \"hunter2-word\" }))",
        "templatefile(\"number.tftpl\", { a = sensitive(\"hunter2-word\") })",
        "templatestring(var.pw, { a = 1 })",
    ];
    for call in calls {
        let text = format!(
            "variable \"pw\" {{}}\noutput \"o\" {{\n  value = {call}\n}}\noutput \"p\" {{\n  value = var.pw == \"\"\n}}\n"
        );
        place.write("main.runbook.hcl", text);
        for given in ["hunter2-word", "${hunter2-word", "${hunter2 word}"] {
            let mut command = place.command(&["plan", "-json", "-var", &format!("pw={given}")]);
            let ran = crate::support::Ran::of(command.output().expect("the program"));
            if ran.code == Some(0) {
                continue;
            }
            let quoted = if call.contains("hunter2") {
                ran.out.replace("\\\"hunter2-word\\\"", "")
            } else {
                ran.out.clone()
            };
            assert!(!quoted.contains("hunter2"), "{call} {given}: {}", ran.seen());
        }
    }
}
