//! Interrupted runs, resumed or undone.

use arcbook_engine::journal::{Directory, History, Journal, JournalError, Of, Verdict, Writer};
use arcbook_engine::run::{self, Observers, Report, Status, Undo, UndoKind};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::disk::{Disk, Fails, How};
use crate::support::{self, CANARY, Events, Stage, stage, stage_files};

/// Creates a journal directory with the given records.
pub fn journals(contents: &[(&str, &[u8])]) -> (TempDir, Directory) {
    let temporary = tempfile::tempdir().expect("a directory");
    for (run, content) in contents {
        std::fs::write(temporary.path().join(format!("{run}.jsonl")), content).expect("written");
    }
    let directory = Directory::new(temporary.path());
    (temporary, directory)
}

fn history(content: &[u8]) -> Result<History, JournalError> {
    let (_temporary, directory) = journals(&[("test", content)]);
    History::read(&directory, "test", Of::Any)
}

/// Runs the stage with its journal on this disk.
pub async fn run_on(stage: &Stage, disk: &Disk) -> Report {
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let (_keep, interrupts) = mpsc::channel(1);
    let report = stage.run_with(10, &mut observers, interrupts).await;
    drop(observers);
    // A record without a line that is certainly on the disk has no digest.
    assert!(writer.finish().is_none() || disk.content().contains(&b'\n'));
    report
}

const CHANGES: &str = r#"
    step "read" "a" { value = "x" }
    step "put" "b" { value = step.read.a.value }
    step "make" "c" { value = "c-${step.put.b.value}" }
    step "change" "d" { value = step.make.c.secret }
    step "put" "e" { value = "e" }
    output "b" { value = step.put.b.value }
"#;

/// Returns every kind of failure at every write and fsync, until the run needs no more of them.
fn every_failure() -> impl Iterator<Item = (Fails, Disk)> {
    let hows = [How::Full, How::Short, How::Once];
    hows.into_iter().flat_map(|how| {
        let mut over = false;
        let mut last: Option<Disk> = None;
        (0..).map_while(move |at| {
            over |= last.as_ref().is_some_and(|disk| !disk.has_failed());
            let disk = Disk::that(Fails { at, how });
            last = Some(disk.clone());
            (!over).then_some((Fails { at, how }, disk))
        })
    })
}

/// Whichever write or fsync of the journal fails: no change is made without its intent on the disk, and the
/// record on the disk can be resumed.
#[tokio::test]
async fn every_change_has_its_intent_and_none_is_made_twice() {
    let mut failures = 0;
    for (fails, disk) in every_failure() {
        let mut stage = stage(CHANGES).expect("planned");
        let report = run_on(&stage, &disk).await;
        let content = disk.content();
        let journal = Journal::parse(&content);
        assert!(!matches!(journal.verdict, Verdict::Broken { .. }), "{fails:?}: {:?}", journal.verdict);
        let text = String::from_utf8(content.clone()).expect("UTF-8");
        for step in ["step.put.b", "step.make.c", "step.change.d", "step.put.e"] {
            if stage.log.lines().contains(&format!("{step} began")) {
                let intent = format!(r#""event":"change_intended","step":"{step}""#);
                assert!(text.contains(&intent), "{step} began without intent: {fails:?}");
            }
        }
        if !disk.has_failed() {
            assert_eq!((report.status, journal.verdict), (Status::Done, Verdict::Complete));
            continue;
        }
        failures += 1;
        assert_eq!(report.status, Status::Failed, "{fails:?}");
        stage.prior_run = match history(&content) {
            Ok(history) => Some(history.prior_run),
            Err(JournalError::Nothing { .. }) => None,
            Err(error) => panic!("{fails:?}: {error}"),
        };
        let report = run_on(&stage, &Disk::default()).await;
        // A change of a type that cannot query its object may stay unconfirmed; all others are completed.
        let doubtful = text.contains(r#""event":"change_intended","step":"step.change.d""#);
        assert!(report.status == Status::Done || doubtful, "{fails:?}: {:?}", report.diagnostics);
        let mut made = stage.service.lines();
        made.sort();
        assert_eq!(made, ["+c-x", "+e", "+x"], "{fails:?}");
        let times = stage.log.lines().iter().filter(|line| *line == "step.change.d began").count();
        assert!(times <= 1, "{fails:?}: {times} times");
    }
    assert!(failures > 60, "only {failures}");
}

#[tokio::test]
async fn completed_steps_are_not_repeated() {
    let mut stage = stage(
        r#"
        step "read" "a" { value = "x" }
        step "put" "b" {
          value = step.read.a.value
          postcondition {
            condition     = self.value == "x"
            error_message = "not x"
          }
        }
        step "make" "c" { value = "c" }
        step "read" "last" { value = "${step.put.b.value} ${step.make.c.secret}" }
        output "b" { value = step.put.b.value }
        "#,
    )
    .expect("planned");
    let disk = Disk::default();
    assert_eq!(run_on(&stage, &disk).await.status, Status::Done);
    stage.prior_run = Some(history(&disk.content()).expect("good").prior_run);
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let summary = report.summary;
    assert_eq!((summary.done, summary.changed, summary.recalled), (4, 0, 1));
    assert_eq!(stage.service.lines().len(), 2);
    assert_eq!(format!("{:?}", report.outputs), r#"[("b", "x")]"#);
    let recalled = events.of("step_recalled");
    assert_eq!((&recalled[0]["step"], &recalled[0]["change"]), (&"step.put.b".into(), &"created".into()));
    let started = events.of("run_started");
    assert_eq!(started[0]["resumes"]["run"], "test");
    assert!(!events.text().contains(CANARY));
}

#[tokio::test]
async fn an_unconfirmed_change_that_cannot_be_queried_is_not_repeated() {
    let mut stage = stage(r#"step "change" "a" {}"#).expect("planned");
    let disk = Disk::default();
    run_on(&stage, &disk).await;
    let text = String::from_utf8(disk.content()).expect("UTF-8");
    let killed = &text[..text.find(r#""event":"step_finished""#).expect("finished") - 10];
    stage.prior_run = Some(history(killed.as_bytes()).expect("good").prior_run);
    let report = run_on(&stage, &Disk::default()).await;
    assert_eq!(report.status, Status::Failed);
    let error = report.diagnostics.iter().next().expect("one");
    assert!(error.summary.contains("it is unknown whether"), "{error:?}");
    assert_eq!(stage.log.lines().len(), 2, "it was done once");
}

#[tokio::test]
async fn a_change_before_a_failed_postcondition_is_kept() {
    let mut stage = stage(
        r#"
        step "put" "a" {
          value = "x"
          postcondition {
            condition     = self.value == "y"
            error_message = "not y"
          }
        }
        "#,
    )
    .expect("planned");
    let disk = Disk::default();
    assert_eq!(run_on(&stage, &disk).await.status, Status::Failed);
    let prior_run = history(&disk.content()).expect("good").prior_run;
    assert_eq!(prior_run.made().len(), 1);
    stage.prior_run = Some(prior_run);
    assert_eq!(run_on(&stage, &Disk::default()).await.status, Status::Failed);
    assert_eq!(stage.service.lines(), ["+x"]);
}

#[tokio::test]
async fn a_modified_record_is_not_resumed() {
    let stage = stage(CHANGES).expect("planned");
    let disk = Disk::default();
    run_on(&stage, &disk).await;
    let whole = String::from_utf8(disk.content()).expect("UTF-8");
    let forged = whole.replacen("\"x\"", "\"y\"", 1);
    assert!(matches!(history(forged.as_bytes()), Err(JournalError::Broken { .. })));
    let torn = &whole.as_bytes()[..whole.len() - 7];
    assert!(history(torn).is_ok());
    assert!(matches!(history(b""), Err(JournalError::Nothing { .. })));
    assert!(matches!(history(b"{\"prev\":"), Err(JournalError::Nothing { .. })));
}

#[tokio::test]
async fn undo_removes_objects_newest_first() {
    let stage = stage(CHANGES).expect("planned");
    let disk = Disk::default();
    run_on(&stage, &disk).await;
    let content = disk.content();
    let (_temporary, directory) = journals(&[("test", &content)]);
    let history = History::read(&directory, "test", Of::Any).expect("good");
    let undo = Undo::of(&history.prior_run, &history.undone, &stage.registry, None);
    assert_eq!(undo.stays.len(), 1, "a type that cannot undo says so");
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let report = support::undo(&history, &stage.registry, &stage.secrets, &mut observers).await;
    drop(observers);
    assert!(writer.finish().is_some());
    assert_eq!((report.status, report.summary.changed), (Status::Done, 3));
    let removed: Vec<String> =
        stage.service.lines().into_iter().filter(|line| line.starts_with('-')).collect();
    let position = |thing: &str| removed.iter().position(|line| line == thing).expect("removed");
    assert!(position("-c-x") < position("-x"), "{removed:?}");
    assert_eq!(Journal::parse(&disk.content()).verdict, Verdict::Complete);
    // A second undo has no steps, and the undo itself cannot be resumed.
    let (_temporary, directory) = journals(&[("test", &content), ("undo", &disk.content())]);
    let history = History::read(&directory, "test", Of::Any).expect("good");
    assert_eq!(history.undone_by, ["undo"]);
    assert!(Undo::of(&history.prior_run, &history.undone, &stage.registry, None).steps.is_empty());
    assert!(matches!(History::read(&directory, "undo", Of::Any), Err(JournalError::Undo { .. })));
}

/// An update is undone from the prior state and the proof that the record holds.
#[tokio::test]
async fn undo_puts_updated_objects_back() {
    let stage = stage("step \"put\" \"a\" {\n value = \"x\"\n host = \"a.test\"\n}").expect("planned");
    stage.service.push("%x".to_owned());
    let disk = Disk::default();
    run_on(&stage, &disk).await;
    let (_temporary, directory) = journals(&[("test", &disk.content())]);
    let history = History::read(&directory, "test", Of::Any).expect("good");
    let undo = Undo::of(&history.prior_run, &history.undone, &stage.registry, None);
    let kinds: Vec<_> = undo.steps.iter().map(|step| (step.kind, step.is_certain)).collect();
    assert_eq!(kinds, [(UndoKind::PutBack, true)], "{:?}", undo.stays);
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let report = support::undo(&history, &stage.registry, &stage.secrets, &mut observers).await;
    assert_eq!(report.status, Status::Done);
    drop(observers);
    assert!(writer.finish().is_some());
    assert_eq!(stage.service.lines().last().map(String::as_str), Some("x = another if version 2"));
}

/// Changes in modules that are expanded during the run are recognised in the resumed run.
#[tokio::test]
async fn changes_expanded_at_run_time_are_recalled() {
    let inner = r#"
        variable "name" { type = string }
        module "named" {
          source = "./named"
          name   = var.name
        }
        step "put" "a" { value = module.named.whole }
        output "made" { value = step.put.a.value }
    "#;
    let named = r#"
        variable "name" { type = string }
        output "whole" { value = "n-${var.name}" }
    "#;
    let outer = r#"
        step "read" "names" { value = { x = 1, y = 2 } }
        module "each" {
          source   = "./inner"
          for_each = step.read.names.value
          name     = each.key
        }
        step "put" "last" { value = join(" ", [for one in module.each : one.made]) }
        output "last" { value = step.put.last.value }
    "#;
    let files = [
        ("main.runbook.hcl", outer),
        ("inner/main.runbook.hcl", inner),
        ("inner/named/main.runbook.hcl", named),
    ];
    let mut stage = stage_files(&files, &[]).expect("planned");
    let disk = Disk::default();
    let report = run_on(&stage, &disk).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let prior_run = history(&disk.content()).expect("good").prior_run;
    assert_eq!(prior_run.changes.iter().count(), 3, "{:?}", prior_run.changes);
    let found = run::check_resume(&prior_run, &stage.runbook, &stage.plan, &stage.secrets);
    assert!(found.is_empty(), "{found:?}");
    stage.prior_run = Some(prior_run);
    let report = run_on(&stage, &Disk::default()).await;
    assert_eq!((report.status, report.summary.recalled), (Status::Done, 3), "{:?}", report.diagnostics);
    assert_eq!(format!("{:?}", report.outputs), r#"[("last", "n-x n-y")]"#);
    assert_eq!(stage.service.lines().len(), 3);
}
