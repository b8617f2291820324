//! Ephemeral values reach the steps, and are never stored.

use arcbook_engine::plan::{show, to_json};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::Status;

use crate::support::{Events, Stage, Tokens, notes, stage_files, stage_with};

const VARIABLE: &str = "variable \"e\" {\n  ephemeral = true\n}\n";
const SECRET: &str = "fleeting-word";

/// Stages a runbook with an ephemeral variable that has a value.
fn with_variable(text: &str) -> Result<Stage, String> {
    stage_with(&format!("{VARIABLE}{text}"), &[("e", SECRET)])
}

#[tokio::test]
async fn steps_receive_ephemeral_values_that_are_never_shown_or_stored() {
    let stage = with_variable(
        r#"
        locals {
          text = "<${var.e}>"
        }
        step "change" "a" {
          value = local.text
          host  = var.e
        }
        step "change" "b" { value = step.change.a.value }
        output "null" { value = ephemeralasnull(local.text) == null }
        "#,
    )
    .expect("planned");
    let plan =
        show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full());
    let json = to_json(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new());
    let hidden = |name: &str| serde_json::json!({ "value": { name: null }, "ephemeral": [[name]] });
    assert_eq!(json["variables"], hidden("e"));
    assert_eq!(json["steps"][0]["arguments"]["ephemeral"], serde_json::json!([["value"], ["host"]]));
    assert!(plan.contains("value = (ephemeral value)"), "{plan}");

    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(report.outputs[0].1, true.into());
    let is_hidden = |outputs: &serde_json::Value| {
        let paths = outputs["ephemeral"].as_array().expect("paths");
        outputs["value"]["value"].is_null() && paths.contains(&serde_json::json!(["value"]))
    };
    assert_eq!(events.of("run_started")[0]["variables"], hidden("e"));
    assert!(is_hidden(&events.of("step_finished")[0]["outputs"]));
    assert!(is_hidden(&events.of("step_finished")[1]["outputs"]));
    for text in [plan, json.to_string(), events.text(), format!("{report:?}")] {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert_eq!(stage.secrets.redact(&format!("it is <{SECRET}>")), "it is (sensitive)");
}

#[test]
fn modules_hand_on_only_what_they_declare() {
    let inner = |output: &str| {
        format!("variable \"v\" {{ {output} }}\noutput \"o\" {{\n  value = var.v\n  {output}\n}}\n")
    };
    let outer = "module \"m\" {\n  source = \"./m\"\n  v = var.e\n}\noutput \"null\" { value = ephemeralasnull(module.m.o) == null }\n";
    let main = format!("{VARIABLE}{outer}");
    let stage = |inner: &str| {
        stage_files(&[("main.runbook.hcl", &main), ("m/main.runbook.hcl", inner)], &[("e", SECRET)])
    };
    let planned = stage(&inner("ephemeral = true")).expect("planned");
    assert_eq!(planned.plan.outputs[0].value, true.into());
    insta::assert_snapshot!(said([
        stage(&inner("")),
        stage("variable \"v\" { ephemeral = true }\noutput \"o\" { value = [var.v] }\n"),
        stage(
            "variable \"v\" { ephemeral = true }\noutput \"o\" {\n  value = [var.v]\n  ephemeral = true\n}\n"
        ),
        stage("variable \"v\" { ephemeral = true }\noutput \"o\" {\n  value = 1\n  ephemeral = true\n}\n"),
    ]));
}

#[test]
fn nothing_ephemeral_goes_where_it_is_kept() {
    insta::assert_snapshot!(said([
        "output \"o\" { value = { a = [var.e] } }",
        "output \"o\" {\n  value     = var.e\n  ephemeral = true\n}",
        "step \"read\" \"a\" { count = length(var.e) }",
        "step \"read\" \"a\" { for_each = toset([var.e]) }",
        "check \"c\" {\n  assert {\n    condition     = var.e == \"x\"\n    error_message = \"not ${var.e}\"\n  }\n}",
        "output \"o\" { value = tonumber(var.e) }",
    ]
    .map(with_variable)));
}

/// Returns the messages for each runbook.
fn said<const N: usize>(runbooks: [Result<Stage, String>; N]) -> String {
    let said = runbooks.map(|stage| match stage {
        Ok(stage) => notes(&stage),
        Err(said) => said,
    });
    said.join("\n\n")
}
