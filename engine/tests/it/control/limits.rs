//! Limits on the steps that run at once: `concurrency` and `limit`.

use arcbook_engine::run::Status;

use super::{ran, refused, shown, staged};
use crate::support::{Events, Stage, stage_files};

/// Returns the largest number of steps that ran at once, of those whose address contains `part`.
fn most(stage: &Stage, part: &str) -> usize {
    let (mut now, mut most) = (0, 0);
    for line in stage.log.lines().iter().filter(|line| line.contains(part)) {
        now = if line.ends_with("began") { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    most
}

#[tokio::test(start_paused = true)]
async fn concurrency_limits_the_instances_of_its_step() {
    let (stage, report, events) = ran(r#"
        variable "many" { default = 2 }
        step "read" "a" {
          count       = 7
          takes       = 10
          concurrency = var.many
        }
        step "read" "b" {
          count = 7
          takes = 10
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Done);
    assert_eq!((most(&stage, "step.read.a"), most(&stage, "step.read.b")), (2, 7));
    assert!(shown(&stage).contains("at most 2 of its instances run at once"), "{}", shown(&stage));
    let queued: Vec<_> =
        events.of("step_started").into_iter().filter(|event| event["queued_for"].is_string()).collect();
    assert_eq!(queued.len(), 5, "{queued:?}");
    assert!(queued.iter().all(|event| event["queued_for"] == "step.read.a.concurrency"), "{queued:?}");
}

#[tokio::test(start_paused = true)]
async fn steps_share_a_limit() {
    let (stage, report, events) = ran(r#"
        runbook { limits = { sql = 1, other = 3 } }
        step "read" "sql_a" {
          count = 3
          takes = 10
          limit = "sql"
        }
        step "read" "sql_b" {
          takes = 10
          limit = "sql"
        }
        step "read" "free" {
          count = 5
          takes = 100
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Done);
    assert_eq!((most(&stage, "sql"), most(&stage, "free")), (1, 5));
    assert!(shown(&stage).contains("at most 1 of the steps with the limit sql run at once"));
    let queued = events.of("step_started");
    let queued = queued.iter().filter(|event| event["queued_for"] == "limits.sql").count();
    assert_eq!(queued, 3);
}

#[tokio::test(start_paused = true)]
async fn a_limit_is_one_in_the_whole_run() {
    let stage = stage_files(
        &[
            (
                "main.runbook.hcl",
                r#"
            runbook { limits = { sql = 2 } }
            step "read" "ids" { value = 3 }
            module "late" {
              source   = "./m"
              for_each = toset([for at in range(step.read.ids.value) : tostring(at)])
              at_once  = 1
            }
            module "early" {
              source  = "./m"
              count   = 2
              at_once = count.index + 1
            }
            step "read" "sql_own" {
              takes = 10
              limit = "sql"
            }
            "#,
            ),
            (
                "m/m.runbook.hcl",
                r#"
            runbook { limits = { sql = 1 } }
            variable "at_once" {}
            step "read" "sql" {
              count = 2
              takes = 10
              limit = "sql"
            }
            step "read" "own" {
              count       = 3
              takes       = 10
              concurrency = var.at_once
            }
            "#,
            ),
        ],
        &[],
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let report = stage.run(100, &Events::default()).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(most(&stage, "sql"), 2, "the root runbook decides");
    for module in ["module.late", "module.early"] {
        let own = |line: &String| line.contains(module) && line.contains(".own");
        assert!(stage.log.lines().iter().any(own));
        let (mut now, mut largest) = (0, 0);
        for line in stage.log.lines().iter().filter(|line| own(line)) {
            now = if line.ends_with("began") { now + 1 } else { now - 1 };
            largest = largest.max(now);
        }
        assert_eq!(largest, 1, "{module}: the block is one, and the smallest number holds");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_its_next_attempt_takes_no_place_in_a_limit() {
    let (stage, _, _) = ran(r#"
        runbook { limits = { sql = 1 } }
        step "read" "a" {
          turns = [503, 1]
          limit = "sql"
          retry { delay = "60s" }
        }
        step "read" "b" {
          takes = 10
          limit = "sql"
        }
    "#)
    .await;
    let lines = stage.log.lines();
    assert_eq!(lines[1], "step.read.b began");
    assert_eq!(lines.last().unwrap(), "step.read.a ended", "{lines:?}");
}

/// A change that a service works on is under way, so it counts: otherwise a limit would bound nothing but requests.
#[tokio::test(start_paused = true)]
async fn a_step_that_waits_for_its_service_keeps_its_place_in_a_limit_and_not_in_the_run() {
    let stage = staged(
        r#"
        step "change" "a" {
          count       = 5
          turns       = ["operation", "made so"]
          concurrency = 2
        }
        step "read" "b" {
          count = 4
          takes = 10
        }
    "#,
    );
    let report = stage.run(2, &Events::default()).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(most(&stage, "step.change.a"), 2);
    let lines = stage.log.lines();
    let first_end = lines.iter().position(|line| line.contains("change") && line.ends_with("ended"));
    let reads = lines.iter().position(|line| line.contains("read") && line.ends_with("ended"));
    assert!(reads < first_end, "a read finds a place in the run meanwhile: {lines:?}");
}

#[tokio::test(start_paused = true)]
async fn cleanup_waits_for_a_limit_even_after_the_deadline() {
    let (stage, report, _) = ran(r#"
        runbook {
          timeout = "1s"
          limits  = { sql = 1 }
        }
        step "read" "slow" {
          takes = 60000
          limit = "sql"
        }
        step "read" "clean" {
          count      = 2
          takes      = 10
          limit      = "sql"
          run_on     = "always"
          depends_on = [step.read.slow]
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(most(&stage, "clean"), 1);
    assert_eq!(stage.log.lines().iter().filter(|line| line.ends_with("ended")).count(), 2);
}

#[test]
fn wrong_limits_are_reported_before_the_run() {
    let sensitive = "variable \"x\" {\n default = 3\n sensitive = true\n}\n";
    for (before, step, wrong) in [
        ("", "concurrency = 0", "`concurrency` is not a number of steps"),
        ("", "concurrency = 1.5", "`concurrency` is not a number of steps"),
        ("", "concurrency = [1]", "`concurrency` is not a number of steps"),
        ("", "concurrency = step.read.b.value", "`concurrency` must be known before the run"),
        (sensitive, "concurrency = var.x", "`concurrency` must not be sensitive"),
        ("", "count = 2\n concurrency = count.index + 1", "`count` is not available here"),
        ("", "concurrency = self.value", "`self` is not available here"),
        ("", "concurency = 2", "did you mean `concurrency`"),
        ("", "limit = \"sql\"", "there is no limit `sql`"),
        ("runbook { limits = { sql = 2 } }", "limit = \"sqll\"", "did you mean `sql`"),
        ("", "limit = var.x", "text in double quotes"),
        ("runbook { limits = { sql = 0 } }", "limit = \"sql\"", "a limit in `limits` is a number of steps"),
        ("runbook { limits = { sql = -1 } }", "limit = \"sql\"", "a limit in `limits` is a number of steps"),
        ("runbook { limits = 3 }", "limit = \"sql\"", "`limits` maps names to numbers of steps"),
        ("runbook { limits = { \"${1}x\" = 2 } }", "value = 1", "a name in `limits` must be written out"),
    ] {
        let text =
            refused(&format!("{before}\nstep \"read\" \"b\" {{}}\nstep \"read\" \"a\" {{\n {step}\n}}"));
        assert!(text.contains(wrong), "{before} {step}: {text}");
        assert_eq!(text.matches("error[").count(), 1, "{text}");
    }
    staged("step \"read\" \"a\" {\n concurrency = null\n}");
}
