//! Runs that are interrupted or reach their timeout.

use std::sync::Arc;

use arcbook_engine::run::{Observer, Observers, Record, Report, Status, StopSignal};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::{ran, skipped, staged};
use crate::support::Events;

const LONG: &str = r#"
    runbook { timeout = "10s" }
    step "change" "quick" {}
    step "change" "slow" {
      takes      = 60000
      depends_on = [step.change.quick]
    }
    step "read" "polls" {
      until { condition = self.value == "never" }
    }
    step "read" "later" { depends_on = [step.change.slow] }
    step "change" "cleanup" {
      run_on     = "always"
      takes      = 1000
      depends_on = [step.read.later]
    }
    step "change" "rollback" {
      run_on     = "failure"
      depends_on = [step.change.slow]
    }
"#;

#[tokio::test(start_paused = true)]
async fn a_timeout_aborts_steps_in_flight_and_runs_cleanup() {
    let began = Instant::now();
    let (stage, report, events) = ran(LONG).await;
    assert_eq!(began.elapsed().as_secs(), 11);
    assert_eq!(report.status, Status::Failed);
    assert_eq!(events.of("deadline_passed").len(), 1);
    let failed: Vec<_> = report.ends.failed.iter().map(|(step, _)| step.as_str()).collect();
    assert!(failed.contains(&"step.change.slow") && failed.contains(&"step.read.polls"), "{failed:?}");
    let because = "the time limit of the run was reached".to_owned();
    assert_eq!(report.ends.skipped.len(), 1);
    assert!(skipped(&events).iter().all(|(step, _)| step == "step.read.later"), "{because}");
    let lines = stage.log.lines();
    for step in ["cleanup", "rollback"] {
        assert!(lines.contains(&format!("step.change.{step} ended")), "{lines:?}");
    }
    let slow =
        &events.of("step_failed").into_iter().find(|event| event["step"] == "step.change.slow").unwrap();
    assert_eq!(slow["uncertain"], true);
    let deadline = report.diagnostics.iter().find(|error| error.code == "deadline").unwrap();
    assert_eq!(deadline.summary, "the run did not end within 10s");
}

/// Interrupts a run at the event number `at`, once or twice.
struct Impatient {
    at: u64,
    times: usize,
    sender: mpsc::Sender<StopSignal>,
    events: Events,
}

impl Observer for Impatient {
    fn observe(&mut self, record: &Arc<Record>) {
        self.events.observe(record);
        if record.seq == self.at {
            for _ in 0..self.times {
                self.sender.try_send(StopSignal::CtrlC).expect("there is room");
            }
        }
    }
}

/// A runbook with every kind of step.
const ALL: &str = r#"
    step "read" "list" {
      value = ["a", "b"]
      host  = "a.example.test"
    }
    step "change" "each" {
      for_each = toset(step.read.list.value)
      takes    = 10
      value    = each.key
    }
    step "read" "busy" {
      turns = [503, 1]
      retry { delay = "1s" }
    }
    step "read" "polled" {
      turns = [1, 2]
      until { condition = self.value == 2 }
    }
    step "change" "tolerated" {
      fails      = true
      on_error   = "continue"
      depends_on = [step.read.busy]
    }
    step "change" "bad" {
      fails      = true
      depends_on = [step.read.polled]
    }
    step "read" "never" { value = [step.change.bad.value, step.change.tolerated.value] }
    step "change" "cleanup" {
      run_on     = "always"
      takes      = 20
      host       = "b.example.test"
      depends_on = [step.change.each, step.read.never]
    }
    step "change" "rollback" {
      run_on     = "failure"
      depends_on = [step.change.each]
    }
    output "each" { value = [for one in step.change.each : one.value] }
"#;

/// A run can be interrupted at any event: every step that started ends, cleanup runs after the first
/// interrupt, no other step starts, and the counts are consistent.
#[tokio::test(start_paused = true)]
async fn a_run_can_be_interrupted_at_every_event() {
    for times in [1, 2] {
        for at in 1.. {
            let stage = staged(ALL);
            let (sender, interrupts) = mpsc::channel(2);
            let events = Events::default();
            let mut observers = Observers::new();
            observers.add(Impatient { at, times, sender, events: events.clone() });
            let report = stage.run_with(2, &mut observers, interrupts).await;
            let all = events.all();
            let interrupted = all.iter().position(|event| event["event"] == "interrupted");
            let Some(interrupted) = interrupted else {
                // The run ended before this event, so every event has been tested.
                assert_eq!(report.status, Status::Failed);
                assert!(at > 20 && usize::try_from(at).unwrap() + 4 > all.len(), "{at} of {}", all.len());
                break;
            };
            invariants(&all, interrupted, times, &report, &format!("{times} times at {at}"));
        }
    }
}

fn invariants(all: &[serde_json::Value], at: usize, times: usize, report: &Report, which: &str) {
    assert_eq!(report.status, Status::Interrupted, "{which}");
    let steps = |event: &str, from: usize| -> Vec<String> {
        let of = all[from..].iter().filter(|found| found["event"] == event);
        of.map(|found| found["step"].as_str().unwrap().to_owned()).collect()
    };
    let mut ended = steps("step_finished", 0);
    ended.extend(steps("step_failed", 0));
    let begun = steps("step_started", 0);
    assert!(begun.iter().all(|step| ended.contains(step)), "{which}: begun {begun:?}, ended {ended:?}");
    let after = steps("step_started", at);
    let cleanup = ["step.change.cleanup", "step.change.rollback"];
    assert!(after.iter().all(|step| cleanup.contains(&step.as_str())), "{which}: {after:?} began");
    if times == 1 {
        assert!(begun.contains(&cleanup[0].to_owned()), "{which}: no cleanup");
    } else {
        assert_eq!(after, [""; 0], "{which}");
    }
    ended.extend(steps("step_skipped", 0));
    let count = ended.len();
    ended.sort();
    ended.dedup();
    assert_eq!(count, ended.len(), "{which}: something ended twice: {ended:?}");
    let summary = report.summary;
    assert_eq!(summary.failed + summary.tolerated, steps("step_failed", 0).len(), "{which}");
    assert_eq!(summary.skipped, steps("step_skipped", 0).len(), "{which}");
    assert_eq!(all.last().unwrap()["event"], "run_finished");
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_the_wait_for_a_retry() {
    // The interrupt arrives during the first attempt, or after it.
    for at in [3, 4] {
        let stage = staged("step \"change\" \"a\" {\n turns = [503, 1]\n retry { delay = \"1h\" }\n}");
        let (sender, interrupts) = mpsc::channel(2);
        let events = Events::default();
        let mut observers = Observers::new();
        observers.add(Impatient { at, times: 1, sender, events: events.clone() });
        let began = Instant::now();
        stage.run_with(1, &mut observers, interrupts).await;
        assert_eq!(began.elapsed().as_secs(), 0);
        let failed = events.of("step_failed");
        assert_eq!(failed[0]["error"]["summary"], "told to answer 503");
        assert_eq!(failed[0]["uncertain"], false);
    }
}

/// An interrupt ends the wait for a token or for a retried request, except those of a change or of cleanup.
#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_waits_that_change_nothing() {
    let token = "step \"read\" \"a\" { host = \"a.example.test\" }";
    let cleanup = "step \"read\" \"a\" {\n host = \"a.example.test\"\n run_on = \"always\"\n}";
    let read = "step \"read\" \"a\" { asks = true }";
    let change = "step \"change\" \"a\" { asks = true }";
    for (text, after, seconds) in [
        (token, "token_requested", 0),
        (token, "request_retried", 0),
        (cleanup, "token_requested", 60),
        (cleanup, "request_retried", 60),
        (read, "request_sent", 1),
        (read, "request_retried", 1),
        (change, "request_retried", 3),
    ] {
        let at = {
            let events = Events::default();
            let mut stage = staged(text);
            stage.waits_for_tokens = true;
            stage.run(1, &events).await;
            let all = events.all();
            let found = all.iter().find(|event| event["event"] == after);
            found.unwrap_or_else(|| panic!("{after}"))["seq"].as_u64().unwrap()
        };
        let mut stage = staged(text);
        stage.waits_for_tokens = true;
        let (sender, interrupts) = mpsc::channel(2);
        let events = Events::default();
        let mut observers = Observers::new();
        observers.add(Impatient { at, times: 1, sender, events: events.clone() });
        let began = Instant::now();
        let report = stage.run_with(1, &mut observers, interrupts).await;
        assert_eq!(
            (began.elapsed().as_secs(), report.status),
            (seconds, Status::Interrupted),
            "{text} {after}"
        );
        if text == token {
            let failed = events.of("token_failed");
            assert!(failed[0].to_string().contains("stopped before the token was there"), "{failed:?}");
        }
    }
}
