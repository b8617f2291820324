//! Cleanup after a selected part of a runbook.

use arcbook_engine::run::Status;

use super::{begun, run, selected};

/// Cleanup waits for the steps that it cleans up, even through an excluded step, and sees their failure.
#[tokio::test(start_paused = true)]
async fn cleanup_waits_for_its_steps() {
    for (fails, expected) in [(false, "always"), (true, "always failure")] {
        let stage = selected(
            &format!(
                r#"
                step "change" "a" {{
                  takes = 1000
                  fails = {fails}
                }}
                step "change" "b" {{ depends_on = [step.change.a] }}
                locals {{ both = [step.change.a.value, step.change.b.value] }}
                step "read" "always" {{
                  run_on     = "always"
                  value      = local.both == null ? "nothing" : local.both[0]
                }}
                step "read" "failure" {{
                  run_on     = "failure"
                  value      = local.both == null ? "nothing" : local.both[0]
                }}
                "#
            ),
            &[],
            &["step.change.b"],
        );
        run(&stage).await;
        let lines = stage.log.lines();
        assert_eq!(lines[0], "step.change.a began");
        let cleanup: Vec<_> = begun(&stage)
            .into_iter()
            .filter_map(|step| Some(step.strip_prefix("step.read.")?.to_owned()))
            .collect();
        assert_eq!(cleanup.join(" "), expected, "{lines:?}");
        assert!(lines[1].starts_with("step.change.a ended") || fails, "{lines:?}");
    }
}

/// Read-only dependencies of a cleanup step run; mutating ones do not.
#[tokio::test(start_paused = true)]
async fn cleanup_gets_its_reads_but_no_changes() {
    let stage = selected(
        r#"
        step "change" "a" {}
        step "read" "where" { value = "w" }
        step "read" "webhook" { value = step.read.where.value }
        step "change" "other" { value = "o" }
        step "read" "of_other" { value = step.change.other.value }
        step "read" "notify" {
          run_on     = "always"
          value      = "${step.read.webhook.value} ${coalesce(step.read.of_other.value, "-")}"
          depends_on = [step.change.a]
        }
        "#,
        &["step.change.a"],
        &[],
    );
    let (report, events) = run(&stage).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let expected = ["step.change.a", "step.read.notify", "step.read.webhook", "step.read.where"];
    assert_eq!(begun(&stage), expected);
    let notify = events.of("step_finished").into_iter().find(|event| event["step"] == "step.read.notify");
    assert_eq!(notify.unwrap()["outputs"]["value"]["value"], "w -");
}

/// The `for_each` of a cleanup step for a cleanup step may depend on a read.
#[tokio::test(start_paused = true)]
async fn cleanup_of_a_cleanup_reads_its_instances() {
    let text = r#"
        step "read" "keys" { value = toset(["x", "y"]) }
        step "change" "a" {}
        step "change" "b" {
          run_on     = "always"
          depends_on = [step.change.a]
        }
        step "change" "c" {
          for_each   = step.read.keys.value
          run_on     = "always"
          depends_on = [step.change.b]
        }
        step "change" "d" {}
    "#;
    let stage = selected(text, &["step.change.a"], &[]);
    let (report, _) = run(&stage).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let begun = begun(&stage).join(" ");
    assert!(begun.contains(r#"step.change.c["x"]"#) && !begun.contains("step.change.d"), "{begun}");
}
