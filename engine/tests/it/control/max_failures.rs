//! The number of instances that may fail: `max_failures`.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::run::{Report, Status};

use super::{outputs, ran, refused, shown, skipped};
use crate::support::{Events, stage_files};

/// Returns the messages of a run with their reasons.
fn said(report: &Report) -> String {
    let line = |found: &Diagnostic| {
        let (reason, address) =
            (found.reason().unwrap_or_default(), found.address.as_deref().unwrap_or_default());
        format!("{} {address}: {}: {reason}\n", found.code, found.summary)
    };
    report.diagnostics.iter().map(line).collect()
}

/// Returns the number of instances of `step.read.a` that were started.
fn begun(log: &[String]) -> usize {
    log.iter().filter(|line| line.contains("step.read.a[") && line.ends_with("began")).count()
}

#[tokio::test(start_paused = true)]
async fn as_many_failures_as_allowed_are_warnings() {
    let (stage, report, events) = ran(r#"
        step "read" "a" {
          count        = 6
          value        = "fine"
          fails        = contains([1, 4], count.index)
          max_failures = 2
        }
        output "failed" { value = [for at, result in step.read.a : at if result.value == null] }
    "#)
    .await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!((report.summary.done, report.summary.failed, report.summary.tolerated), (4, 0, 2));
    assert_eq!(outputs(&report), "failed = [1, 4]");
    assert!(events.of("step_failed").iter().all(|event| event["tolerated"] == true));
    let plan = shown(&stage);
    assert!(plan.contains("2 of its instances may fail; with one more, the run fails"), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn one_failure_more_keeps_the_others_from_starting() {
    let (stage, report, events) = ran(r#"
        step "read" "a" {
          count        = 500
          takes        = 10
          fails        = count.index >= 3
          concurrency  = 1
          max_failures = 2
        }
        step "read" "after" {
          for_each = { for at, result in step.read.a : at => result.value }
        }
        step "read" "cleanup" {
          run_on     = "always"
          depends_on = [step.read.a]
        }
        step "read" "beside" { takes = 100000 }
    "#)
    .await;
    assert_eq!(report.status, Status::Failed);
    let summary = &report.summary;
    assert_eq!((begun(&stage.log.lines()), summary.tolerated, summary.failed), (6, 2, 1));
    assert_eq!(summary.done, 5, "three instances, the cleanup, and the step beside them");
    let because = "more instances of step.read.a failed than `max_failures` allows";
    let withheld = skipped(&events).into_iter().filter(|(_, why)| why == because).count();
    assert_eq!((withheld, summary.skipped), (494, 994));
    let said = said(&report);
    assert!(said.contains("3 instances of step.read.a failed, and `max_failures` is 2"), "{said}");
    assert!(said.contains("failed: 3, 4, 5") && said.contains("not started: 494"), "{said}");
}

#[tokio::test(start_paused = true)]
async fn instances_that_run_already_go_on_and_count() {
    let (stage, report, _) = ran(r#"
        step "read" "a" {
          for_each     = toset([for at in range(100) : format("m%03d", at)])
          takes        = each.key == "m000" ? 1 : 10
          fails        = true
          concurrency  = 8
          max_failures = 0
        }
    "#)
    .await;
    assert_eq!((begun(&stage.log.lines()), report.summary.tolerated, report.summary.failed), (8, 0, 8));
    let said = said(&report);
    assert!(said.contains("8 instances of step.read.a failed, and `max_failures` is 0"), "{said}");
    assert!(said.contains(r#"failed: "m000", "m001", "m002", "m003", "m004", and 3 more"#), "{said}");
}

#[tokio::test(start_paused = true)]
async fn the_number_may_come_from_a_step_and_each_module_has_its_own() {
    let stage = stage_files(
        &[
            (
                "main.runbook.hcl",
                r#"
            step "read" "most" { value = 1 }
            module "m" {
              source   = "./m"
              for_each = { one = 1, two = 2 }
              most     = step.read.most.value
              failing  = each.value
            }
            "#,
            ),
            (
                "m/m.runbook.hcl",
                r#"
            variable "most" {}
            variable "failing" {}
            step "read" "a" {
              count        = 4
              takes        = 10
              fails        = count.index < var.failing
              concurrency  = 1
              max_failures = var.most
            }
            "#,
            ),
        ],
        &[],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let plan = shown(&stage);
    assert!(plan.contains("(known after step.read.most) of its instances may fail"), "{plan}");
    let report = stage.run(100, &Events::default()).await;
    let said = said(&report);
    assert_eq!(
        (report.summary.tolerated, report.summary.failed, report.summary.skipped),
        (2, 1, 2),
        "{said}"
    );
    assert_eq!(said.matches("too-many-failures").count(), 1, "{said}");
    assert!(said.contains(r#"module.m["two"].step.read.a"#), "{said}");
}

#[test]
fn a_wrong_number_is_reported_before_the_run() {
    let sensitive = "variable \"x\" {\n default = 3\n sensitive = true\n}\n";
    for (before, step, wrong) in [
        ("", "count = 2\n max_failures = -1", "`max_failures` is not a number of steps"),
        ("", "count = 2\n max_failures = 0.5", "`max_failures` is not a number of steps"),
        ("", "count = 2\n max_failures = \"many\"", "`max_failures` is not a number of steps"),
        (sensitive, "count = 2\n max_failures = var.x", "`max_failures` must not be sensitive"),
        ("", "count = 2\n max_failures = count.index", "`count` is not available here"),
        ("", "max_failures = 2", "`max_failures` is for a step with instances"),
        (
            "",
            "count = 2\n on_error = \"continue\"\n max_failures = 2",
            "`on_error` and `max_failures` exclude each other",
        ),
    ] {
        let text = refused(&format!("{before}\nstep \"read\" \"a\" {{\n {step}\n}}"));
        assert!(text.contains(wrong), "{before} {step}: {text}");
        assert_eq!(text.matches("error[").count(), 1, "{text}");
    }
}
