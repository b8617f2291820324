//! Resumed runs of steps with retries, conditions or cleanup.

use arcbook_engine::journal::{History, Of};
use arcbook_engine::run::{PriorRun, Report, Status};

use super::staged;
use crate::disk::Disk;
use crate::resume::{journals, run_on};
use crate::support::Stage;

/// A runbook that is run repeatedly, each run resuming the one before.
struct Chain {
    stage: Stage,
    /// The records of the runs so far.
    records: Vec<Vec<u8>>,
}

impl Chain {
    fn of(text: &str) -> Self {
        Self { stage: staged(text), records: Vec::new() }
    }

    /// Runs the runbook `times` times and returns the last report.
    async fn run(&mut self, times: usize) -> Report {
        let mut report = None;
        for _ in 0..times {
            let disk = Disk::default();
            report = Some(run_on(&self.stage, &disk).await);
            self.went_on(disk.content());
        }
        report.expect("one")
    }

    /// Runs the runbook and truncates the record before the first event of this kind.
    async fn killed_before(&mut self, event: &str) {
        let disk = Disk::default();
        run_on(&self.stage, &disk).await;
        let text = String::from_utf8(disk.content()).expect("UTF-8");
        let at = text.find(&format!(r#""event":"{event}""#)).expect(event);
        let whole = text[..at].rfind('\n').expect("a line before it");
        self.went_on(text.as_bytes()[..=whole].to_vec());
    }

    fn went_on(&mut self, record: Vec<u8>) {
        self.records.push(record);
        let names: Vec<String> = (0..self.records.len()).map(|at| format!("run-{at}")).collect();
        let contents = names.iter().map(String::as_str).zip(self.records.iter().map(Vec::as_slice));
        let (_temporary, directory) = journals(&contents.collect::<Vec<_>>());
        let newest = names.last().expect("one");
        self.stage.prior_run = Some(History::read(&directory, newest, Of::Any).expect("good").prior_run);
    }

    fn prior_run(&self) -> &PriorRun {
        self.stage.prior_run.as_ref().expect("it was run")
    }

    fn began(&self, step: &str) -> usize {
        self.stage.log.attempts(step)
    }
}

/// Returns a step that repeats its change until its condition holds, which takes three attempts.
fn polling(kind: &str, attempts: usize) -> Chain {
    Chain::of(&format!(
        r#"
        step "{kind}" "a" {{
          turns = ["creating", "creating", "ready"]
          until {{
            condition = self.value == "ready"
            attempts  = {attempts}
          }}
        }}
        output "a" {{ value = step.{kind}.a.value }}
        "#
    ))
}

#[tokio::test(start_paused = true)]
async fn an_unmet_until_condition_is_waited_for_again() {
    for kind in ["safe_put", "safe_change"] {
        let step = format!("step.{kind}.a");
        let mut chain = polling(kind, 1);
        for (run, status) in [Status::Failed, Status::Failed, Status::Done].into_iter().enumerate() {
            let report = chain.run(1).await;
            assert_eq!((report.status, chain.began(&step)), (status, run + 1), "{kind}");
        }
        let made = chain.prior_run().made();
        assert_eq!((made.len(), made[0].1.good), (1, true), "{kind}");
    }
    // A satisfied condition is not waited for again.
    let mut chain = polling("safe_put", 9);
    let report = chain.run(3).await;
    assert_eq!((report.summary.recalled, chain.began("step.safe_put.a")), (1, 3));
    assert_eq!(format!("{:?}", report.outputs), r#"[("a", "ready")]"#);
}

#[tokio::test(start_paused = true)]
async fn a_run_killed_between_two_attempts_continues_waiting() {
    let mut chain = polling("safe_put", 9);
    chain.killed_before("step_retried").await;
    assert_eq!(chain.prior_run().unconfirmed().count(), 1);
    let report = chain.run(1).await;
    assert_eq!(format!("{:?}", report.outputs), r#"[("a", "ready")]"#);
}

#[tokio::test(start_paused = true)]
async fn a_retry_condition_holds_for_what_was_done_before() {
    let mut chain = Chain::of(
        r#"
        step "safe_put" "a" {
          turns = ["busy", "there"]
          retry {
            attempts  = 1
            condition = self.value == "busy"
          }
        }
        "#,
    );
    assert_eq!(chain.run(1).await.status, Status::Failed);
    assert_eq!(chain.run(1).await.status, Status::Done);
    assert_eq!(chain.run(1).await.summary.recalled, 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_queries_the_object_first() {
    // The response is lost before the change is made, or after.
    for (turn, times) in [("lost", 2), ("made", 1)] {
        let mut chain = Chain::of(&format!(
            "step \"safe_put\" \"a\" {{\n value = \"x\"\n turns = [\"{turn}\", \"x\"]\n retry {{}}\n}}"
        ));
        let report = chain.run(1).await;
        assert_eq!((report.status, report.summary.changed), (Status::Done, 1), "{turn}");
        assert_eq!(chain.stage.service.lines(), ["+x"], "{turn}");
        assert_eq!(chain.began("step.safe_put.a"), times, "{turn}");
        assert_eq!(chain.prior_run().made()[0].1.change.as_str(), "created", "{turn}");
        assert_eq!(chain.run(1).await.summary.recalled, 1, "{turn}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_unconfirmed_idempotent_change_is_repeated() {
    let mut chain = Chain::of("step \"safe_change\" \"a\" {}");
    chain.killed_before("step_finished").await;
    assert_eq!(chain.run(1).await.status, Status::Done);
    assert_eq!(chain.began("step.safe_change.a"), 2);
}

#[tokio::test(start_paused = true)]
async fn when_is_evaluated_again_for_skipped_steps() {
    let mut chain = Chain::of(
        r#"
        step "read" "first" { turns = [true, false] }
        step "put" "once" {
          when  = step.read.first.value
          value = "once"
        }
        step "put" "later" {
          when  = !step.read.first.value
          value = "later"
        }
        output "once" { value = step.put.once.value }
        "#,
    );
    let report = chain.run(1).await;
    assert_eq!((report.summary.done, report.summary.skipped), (2, 1));
    let report = chain.run(1).await;
    assert_eq!((report.summary.done, report.summary.recalled, report.summary.skipped), (3, 1, 0));
    assert_eq!(chain.stage.service.lines(), ["+once", "+later"]);
    assert_eq!(format!("{:?}", report.outputs), r#"[("once", "once")]"#, "what was done stays done");
}

/// A runbook that creates an object, fails once, and cleans up.
const CLEANING: &str = r#"
    step "put" "a" { value = "x" }
    step "change" "silent" {}
    step "read" "b" {
      turns      = [500, 1]
      depends_on = [step.put.a]
    }
    step "change" "cleanup" {
      run_on     = "always"
      takes      = 10
      depends_on = [step.read.b]
    }
"#;

/// A change of a type that cannot query its object is assumed to exist.
#[tokio::test(start_paused = true)]
async fn cleanup_runs_in_each_run_and_removed_objects_are_recreated() {
    for gone in [false, true] {
        let mut chain = Chain::of(CLEANING);
        assert_eq!(chain.run(1).await.status, Status::Failed);
        if gone {
            chain.stage.service.clear();
        }
        let report = chain.run(1).await;
        let recalled = 2 - usize::from(gone);
        assert_eq!(
            (report.status, report.summary.recalled),
            (Status::Done, recalled),
            "{:?}",
            report.diagnostics
        );
        assert_eq!(chain.began("step.change.cleanup"), 2);
        assert_eq!(chain.began("step.put.a"), 1 + usize::from(gone));
        assert_eq!(chain.began("step.change.silent"), 1);
        assert_eq!(chain.stage.service.lines(), ["+x"]);
        // The cleanup of the second run follows the change of that run.
        chain.stage.service.clear();
        assert_eq!(chain.run(1).await.status, Status::Done);
        assert_eq!(chain.stage.service.lines(), ["+x"]);
        let made = chain.prior_run().made();
        let a = made.iter().find(|(change, _)| change.step == "step.put.a").expect("made");
        assert_eq!(a.1.change.as_str(), "created");
    }
}
