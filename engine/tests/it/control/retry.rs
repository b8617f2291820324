//! Retries of failed attempts.

use arcbook_engine::run::Status;
use tokio::time::Instant;

use super::{outputs, ran, refused, staged};
use crate::support::Events;

#[tokio::test(start_paused = true)]
async fn a_transient_failure_is_retried_with_growing_delays() {
    let began = Instant::now();
    let (stage, report, events) = ran(r#"
        step "read" "a" {
          turns = [503, "wait", 503, "there"]
          retry {
            attempts = 4
            delay    = "2s"
            factor   = 3
            jitter   = 0
          }
        }
        output "a" { value = step.read.a.value }
    "#)
    .await;
    assert_eq!(outputs(&report), r#"a = "there""#);
    assert_eq!(stage.log.lines().len(), 5);
    let told: Vec<_> = events
        .of("step_retried")
        .iter()
        .map(|event| (event["attempt"].as_u64(), event["after_milliseconds"].as_u64()))
        .collect();
    // The service requested a wait of 7 s after the second attempt.
    assert_eq!(told, [(Some(2), Some(2000)), (Some(3), Some(7000)), (Some(4), Some(18000))]);
    assert_eq!(began.elapsed().as_secs(), 27);
    assert_eq!(events.of("step_started").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn attempts_end_with_the_last_failure() {
    let (_, report, events) = ran(r#"
        step "read" "a" {
          turns = [500, 502, 503]
          retry { attempts = 3 }
        }
        step "read" "b" { value = step.read.a.value }
    "#)
    .await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(events.of("step_retried").len(), 2);
    assert_eq!(
        report.ends.failed,
        [("step.read.a".to_owned(), "told to answer 503: the service answered 503".to_owned())]
    );
}

#[tokio::test(start_paused = true)]
async fn only_listed_failures_are_retried() {
    let attempts = async |step: &str| {
        let (stage, ..) = ran(step).await;
        stage.log.lines().iter().filter(|line| line.ends_with("began")).count()
    };
    for (turns, retry, expected) in [
        ("[409, 1]", "", 1),
        ("[409, 1]", "on = [409]", 2),
        ("[503, 1]", "on = [409]", 1),
        ("[503, 1]", "on = [\"transport\"]", 1),
        ("[\"busy\", \"ready\"]", "condition = self.value == \"busy\"", 2),
    ] {
        let step = format!("step \"read\" \"a\" {{\n turns = {turns}\n retry {{\n {retry}\n }}\n}}");
        assert_eq!(attempts(&step).await, expected, "{turns} {retry}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unconfirmed_change_is_repeated_only_if_idempotent() {
    for (kind, began, status) in [("change", 1, Status::Failed), ("safe_change", 2, Status::Done)] {
        let (stage, report, events) =
            ran(&format!("step \"{kind}\" \"a\" {{\n turns = [\"lost\", 1]\n retry {{ attempts = 9 }}\n}}"))
                .await;
        assert_eq!(report.status, status);
        let lines = stage.log.lines();
        assert_eq!(lines.iter().filter(|line| line.ends_with("began")).count(), began, "{kind}");
        let uncertain = events.of("step_failed").iter().all(|event| event["uncertain"] == true);
        assert!(uncertain, "{kind}");
    }
}

#[tokio::test(start_paused = true)]
async fn attempts_and_steps_have_separate_timeouts() {
    let began = Instant::now();
    let (stage, report, _) = ran(r#"
        step "read" "a" {
          takes   = 60000
          timeout = "10s"
          retry {
            attempts = 9
            timeout  = "3s"
            delay    = "1s"
            factor   = 1
            jitter   = 0
          }
        }
    "#)
    .await;
    assert_eq!(report.status, Status::Failed);
    assert_eq!(stage.log.lines().len(), 3, "after 0, 4 and 8 s");
    assert_eq!(began.elapsed().as_secs(), 10);
    assert_eq!(report.ends.failed[0].1, "the step did not end within 10s");
}

/// The end of the time says nothing about the cause, which the attempts before have met.
#[tokio::test(start_paused = true)]
async fn the_end_of_the_time_tells_the_failure_before_it() {
    for (turns, told) in [("[503, 1]", true), ("[1]", false)] {
        let (_, report, _) = ran(&format!(
            "step \"read\" \"a\" {{\n turns = {turns}\n takes = 6000\n timeout = \"10s\"\n\
             retry {{\n delay = \"1s\"\n condition = self.value == 1\n }}\n}}"
        ))
        .await;
        let end = if told { ": An attempt before failed: told to answer 503" } else { "" };
        assert_eq!(report.ends.failed[0].1, format!("the step did not end within 10s{end}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiting_step_does_not_count_against_the_parallelism() {
    let stage = staged(
        r#"
        step "read" "a" {
          turns = [503, 1]
          retry { delay = "60s" }
        }
        step "read" "b" { takes = 10 }
    "#,
    );
    stage.run(1, &Events::default()).await;
    let lines = stage.log.lines();
    assert_eq!(lines.last().unwrap(), "step.read.a ended", "{lines:?}");
    assert_eq!(lines[1], "step.read.b began");
}

#[test]
fn invalid_retry_settings_are_reported_before_the_run() {
    for (retry, wrong) in [
        ("attempts = 0", "`attempts` is not a number of attempts"),
        ("delay = \"soon\"", "`delay` is not a duration"),
        ("factor = 0.5", "`factor` is out of range"),
        ("jitter = 2", "`jitter` is out of range"),
        ("on = [true]", "`on` does not list failures"),
        ("attemps = 3", "did you mean `attempts`"),
        ("condition = self.nothing", "has no output `nothing`"),
        ("condition = true", "does not depend on the step's results"),
    ] {
        let text = refused(&format!("step \"read\" \"a\" {{\n retry {{\n {retry}\n }}\n}}"));
        assert!(text.contains(wrong), "{retry}: {text}");
    }
    let text = refused("step \"change\" \"a\" {\n retry {\n condition = self.value == 1\n }\n}");
    assert!(text.contains("the `condition` of `retry` would repeat the change"), "{text}");
    let text = refused("step \"read\" \"a\" {\n retry {}\n retry {}\n}");
    assert!(text.contains("two `retry` blocks"), "{text}");
}
