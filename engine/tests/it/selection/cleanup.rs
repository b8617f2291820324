//! What cleans up after a part of a runbook.

use arcbook_engine::run::Status;

use super::{begun, run, selected};

/// Cleanup comes after what it cleans up even where what stands between is left out, and sees its failure.
#[tokio::test(start_paused = true)]
async fn cleanup_waits_for_what_it_cleans_up() {
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

/// What changes something is not run for the sake of a cleanup, what only reads is.
#[tokio::test(start_paused = true)]
async fn cleanup_gets_what_it_reads_and_no_more() {
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
    assert_eq!(notify.unwrap()["outputs"]["value"], "w -");
}

/// What cleans up after a cleanup has as many instances as what it reads for that says.
#[tokio::test(start_paused = true)]
async fn cleanup_of_a_cleanup_reads_how_many_there_are() {
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
