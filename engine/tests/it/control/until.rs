//! Steps that are repeated until their `until` condition holds.

use arcbook_engine::run::Status;
use tokio::time::Instant;

use super::{outputs, ran, refused};
use crate::support::CANARY;

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_until_its_condition_holds() {
    let began = Instant::now();
    let (_, report, events) = ran(r#"
        step "read" "a" {
          turns = ["creating", "creating", 503, "ready"]
          until {
            condition = self.value == "ready"
            delay     = "10s"
          }
          retry { delay = "1s" }
        }
        output "a" { value = step.read.a.value }
    "#)
    .await;
    assert_eq!(outputs(&report), r#"a = "ready""#);
    let reasons: Vec<_> = events.of("step_retried").iter().map(|event| event["reason"].to_string()).collect();
    let not_yet = r#""not yet: self.value is \"creating\"""#;
    assert_eq!(reasons, [not_yet, not_yet, "\"told to answer 503\""]);
    assert_eq!(began.elapsed().as_secs(), 20);
}

#[tokio::test(start_paused = true)]
async fn an_unmet_condition_fails_with_the_last_value() {
    let (_, report, _) = ran(r#"
        step "read" "a" {
          turns = ["creating", "creating", "failed"]
          until {
            condition = self.value == "ready"
            timeout   = "1m"
          }
        }
    "#)
    .await;
    let error = report.diagnostics.iter().next().unwrap();
    assert_eq!(error.summary, "the `until` condition was not met, after 13 attempts in 60s");
    let seen = r#"Values: self.value is "creating", then self.value is "failed"."#;
    assert_eq!(error.reason().as_deref(), Some(seen));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_limited_and_secrets_are_not_shown() {
    let (_, report, events) = ran(r#"
        step "read" "a" {
          until {
            condition = self.secret == "x"
            attempts  = 3
            delay     = "1s"
          }
        }
    "#)
    .await;
    assert_eq!(events.of("step_retried").len(), 2);
    assert!(!events.text().contains(CANARY) && !format!("{report:?}").contains(CANARY));
    assert_eq!(report.status, Status::Failed);
}

#[test]
fn a_mutating_step_cannot_have_an_until_condition() {
    let text = refused("step \"change\" \"a\" {\n until {\n condition = self.value == 1\n }\n}");
    assert!(
        text.contains("`until` would repeat the change of step.change.a")
            && text.contains("add a step that reads after it"),
        "{text}"
    );
}
