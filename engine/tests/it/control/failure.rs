//! Effects of a failed step, and cleanup.

use arcbook_engine::run::Status;

use super::{outputs, ran, refused, shown, skipped};
use crate::support::{Events, Stage, stage_files};

#[tokio::test(start_paused = true)]
async fn a_tolerated_failure_gives_nulls_and_a_warning() {
    let (stage, report, events) = ran(r#"
        step "read" "a" {
          fails    = true
          on_error = "continue"
        }
        step "read" "b" { value = step.read.a.value == null ? "went on" : "no" }
        output "b" { value = step.read.b.value }
    "#)
    .await;
    assert_eq!(report.status, Status::Done);
    assert_eq!((report.summary.done, report.summary.failed, report.summary.tolerated), (1, 0, 1));
    assert!(!report.diagnostics.has_errors() && !report.diagnostics.is_empty());
    assert_eq!(events.of("step_failed")[0]["tolerated"], true);
    assert_eq!(outputs(&report), r#"b = "went on""#);
    assert!(shown(&stage).contains("if it fails, the run continues"), "{}", shown(&stage));
}

/// Returns a runbook with a cleanup step for any outcome and one for failures.
fn cleaned(fails: bool) -> String {
    format!(
        r#"
        step "change" "a" {{ fails = {fails} }}
        step "read" "b" {{ value = step.change.a.value }}
        step "change" "always" {{
          run_on = "always"
          value  = step.read.b.value == null ? "without b" : "with b"
        }}
        step "change" "failure" {{
          run_on     = "failure"
          depends_on = [step.read.b]
        }}
        step "read" "after" {{ depends_on = [step.change.always, step.change.failure] }}
        output "always" {{ value = step.change.always.value }}
        "#
    )
}

#[tokio::test(start_paused = true)]
async fn cleanup_runs_after_a_failure_and_its_dependents_do_not() {
    let (stage, report, events) = ran(&cleaned(true)).await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!((report.summary.done, report.summary.failed, report.summary.skipped), (2, 1, 2));
    let because = "step.change.a failed".to_owned();
    let after = ("step.read.after".to_owned(), because.clone());
    assert_eq!(skipped(&events), [("step.read.b".to_owned(), because.clone()), after]);
    let steps = vec!["step.read.b".to_owned(), "step.read.after".to_owned()];
    assert_eq!(report.ends.skipped.get(&because), Some(&steps));
    assert!(stage.log.lines().contains(&"step.change.failure ended".to_owned()));
    let finished = events.of("step_finished");
    let always = finished.iter().find(|event| event["step"] == "step.change.always").unwrap();
    assert_eq!(always["outputs"]["value"]["value"], "without b");
}

#[tokio::test(start_paused = true)]
async fn failure_cleanup_does_not_run_without_a_failure() {
    let (stage, report, events) = ran(&cleaned(false)).await;
    assert_eq!(report.status, Status::Done);
    let spared = events.of("step_skipped");
    assert_eq!((spared.len(), &spared[0]["cause"]), (1, &"unneeded".into()));
    assert!(report.ends.skipped.is_empty());
    assert!(stage.log.lines().contains(&"step.read.after ended".to_owned()));
    assert_eq!(outputs(&report), r#"always = "with b""#);
    let plan = shown(&stage);
    assert!(plan.contains("whether or not the steps before it succeed"), "{plan}");
    assert!(plan.contains("only after a failure of a step before it"), "{plan}");
}

#[tokio::test(start_paused = true)]
async fn cleanup_waits_for_every_instance() {
    for (fails, failed) in [("false", 0), ("each.key == \"a\"", 1), ("true", 3)] {
        let (stage, report, _) = ran(&format!(
            r#"
            step "read" "many" {{
              for_each = {{ a = 1, b = 100, c = 200 }}
              takes    = each.value
              fails    = {fails}
            }}
            step "read" "each" {{
              for_each = step.read.many
              value    = each.key
            }}
            step "read" "cleanup" {{
              run_on     = "always"
              depends_on = [step.read.many]
            }}
            "#
        ))
        .await;
        assert_eq!(report.summary.failed, failed);
        let lines = stage.log.lines();
        let cleanup = lines.iter().position(|line| line == "step.read.cleanup began").unwrap();
        let began = lines.iter().filter(|line| line.starts_with("step.read.many") && line.ends_with("began"));
        let last = lines.iter().rposition(|line| line.starts_with("step.read.many")).unwrap();
        assert_eq!((began.count(), last < cleanup), (3, true), "{lines:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn zero_instances_are_no_failure() {
    let (stage, report, _) = ran(r#"
        step "read" "none" { count = 0 }
        step "read" "after" { depends_on = [step.read.none] }
        step "read" "cleanup" {
          run_on     = "failure"
          depends_on = [step.read.none]
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Done);
    assert_eq!(stage.log.lines(), ["step.read.after began", "step.read.after ended"]);
}

#[tokio::test(start_paused = true)]
async fn instances_that_cannot_be_expanded_are_reported() {
    let (stage, report, events) = ran(r#"
        step "read" "bad" { fails = true }
        step "read" "many" { for_each = toset(step.read.bad.value) }
        step "read" "cleanup" {
          run_on = "always"
          value  = length(step.read.many)
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(skipped(&events), [("step.read.many".to_owned(), "step.read.bad failed".to_owned())]);
    assert!(stage.log.lines().contains(&"step.read.cleanup ended".to_owned()), "{:?}", report.diagnostics);
}

#[test]
fn unknown_words_are_refused() {
    for (argument, help) in
        [("run_on = \"failures\"", "did you mean `failure`"), ("on_error = \"ignore\"", "`stop`, `continue`")]
    {
        let text = refused(&format!("step \"read\" \"a\" {{ {argument} }}"));
        assert!(text.contains(help), "{text}");
    }
    let text = refused("step \"read\" \"a\" { run_on = \"failure\" }");
    assert!(text.contains("is a cleanup step without a dependency"), "{text}");
}

/// Returns a runbook in which `a` may fail, and a module that outputs its input.
fn cleanup(fails: bool, reads: &str) -> Stage {
    let main = format!(
        r#"
        step "sure_read" "a" {{
          value = "planned.test"
          fails = {fails}
        }}
        locals {{ a = "${{step.sure_read.a.value}}" }}
        module "m" {{
          source = "./m"
          a      = local.a
        }}
        step "read" "cleanup" {{
          run_on     = "always"
          host       = coalesce({reads}, "other.test")
          depends_on = [step.sure_read.a]
        }}
        "#
    );
    let module = "variable \"a\" { default = null }\noutput \"a\" { value = var.a }\n";
    stage_files(&[("main.runbook.hcl", &main), ("m/main.runbook.hcl", module)], &[]).expect("planned")
}

#[tokio::test(start_paused = true)]
async fn results_that_cleanup_reads_from_a_fallible_step_are_unknown() {
    for reads in ["step.sure_read.a.value", "local.a", "module.m.a", "[for m in [module.m] : m.a][0]"] {
        for fails in [false, true] {
            let stage = cleanup(fails, reads);
            let planned = stage.plan.steps.iter().find(|step| step.address == "step.read.cleanup").unwrap();
            assert!(!planned.arguments[0].1.is_wholly_known(), "{reads}");
            let report = stage.run(10, &Events::default()).await;
            let ended = "step.read.cleanup ended".to_owned();
            assert!(stage.log.lines().contains(&ended), "{reads} {fails}: {:?}", report.diagnostics);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn results_of_failure_cleanup_are_unknown() {
    let text = r#"
        step "read" "a" {}
        step "sure_read" "failed" {
          run_on     = "failure"
          value      = "failed"
          depends_on = [step.read.a]
        }
        output "state" { value = coalesce(step.sure_read.failed.value, "good") }
    "#;
    let (stage, report, _) = ran(text).await;
    assert!(!stage.plan.outputs[0].value.is_wholly_known());
    assert_eq!(outputs(&report), r#"state = "good""#);
}
