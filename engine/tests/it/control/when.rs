//! The `when` condition of steps and modules.

use arcbook_engine::run::Status;

use super::{outputs, ran, refused, shown, skipped};
use crate::support::{Events, stage_files};

#[tokio::test(start_paused = true)]
async fn a_step_whose_when_is_false_is_skipped_with_null_outputs() {
    let (stage, report, events) = ran(r#"
        variable "wanted" { default = false }
        step "read" "a" {
          when    = var.wanted
          value   = { name = "x" }
          extract = { name = "name" }
        }
        step "read" "b" { value = coalesce(step.read.a.value, "nothing there") }
        output "a" { value = [step.read.a.value, step.read.a.body, step.read.a.extract.name] }
        output "b" { value = step.read.b.value }
    "#)
    .await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(stage.log.lines(), ["step.read.b began", "step.read.b ended"]);
    assert_eq!(skipped(&events), [("step.read.a".to_owned(), "its `when` is false".to_owned())]);
    assert_eq!(outputs(&report), r#"a = [null, null, null], b = "nothing there""#);
    assert!(shown(&stage).contains("not run: `when` is false"), "{}", shown(&stage));
}

#[tokio::test(start_paused = true)]
async fn when_may_be_known_only_at_run_time() {
    let text = r#"
        step "read" "a" { value = ["x"] }
        step "read" "b" {
          for_each = { x = 1, y = 2 }
          when     = contains(step.read.a.value, each.key)
          value    = each.value
        }
        output "b" { value = step.read.b["x"].value }
        output "all" { value = [for one in step.read.b : one.value] }
    "#;
    let (stage, report, events) = ran(text).await;
    assert!(shown(&stage).contains("only when (known after step.read.a)"), "{}", shown(&stage));
    assert_eq!(skipped(&events), [("step.read.b[\"y\"]".to_owned(), "its `when` is false".to_owned())]);
    assert_eq!(outputs(&report), "b = 1, all = [1, null]");
}

#[test]
fn when_must_be_a_plain_boolean() {
    let value = |value: &str| format!("step \"read\" \"a\" {{ when = {value} }}");
    for (when, wrong) in [
        ("\"maybe\"", "a condition must be true or false"),
        ("null", "this is null"),
        ("1", "this is a number"),
        ("sensitive(true)", "`when` must not be sensitive"),
    ] {
        let text = refused(&value(when));
        assert!(text.contains(wrong), "{when}: {text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_module_whose_when_is_false_is_skipped() {
    let stage = stage_files(
        &[
            (
                "main.runbook.hcl",
                r#"
                step "read" "first" { value = ["a"] }
                module "site" {
                  source   = "./site"
                  for_each = { a = 1, b = 2 }
                  when     = contains(step.read.first.value, each.key)
                  name     = each.key
                }
                output "sites" { value = [for site in module.site : site.name] }
            "#,
            ),
            (
                "site/main.runbook.hcl",
                r#"
                variable "name" { type = string }
                locals { upper = upper(var.name) }
                step "read" "one" { value = local.upper }
                step "read" "many" {
                  for_each = toset([local.upper])
                  value    = step.read.one.value
                }
                check "named" {
                  assert {
                    condition     = step.read.one.value != null
                    error_message = "no name"
                  }
                }
                output "name" { value = [for one in step.read.many : one.value] }
            "#,
            ),
        ],
        &[],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(events.of("check_failed").len(), 0);
    assert_eq!(outputs(&report), r#"sites = [["A"], null]"#);
    let because = "the `when` of its module is false".to_owned();
    let off = |step: &str| (format!("module.site[\"b\"].step.read.{step}"), because.clone());
    assert_eq!(skipped(&events), [off("one"), off("many[\"B\"]")]);
}
