//! Runs of runbooks, under a paused clock.

use arcbook_engine::journal::{Journal, Verdict, Writer};
use arcbook_engine::run::{Observers, Status, StopSignal};
use tokio::sync::mpsc;

use crate::disk::Disk;
use crate::support::{CANARY, Events, stage, stage_with};

#[tokio::test(start_paused = true)]
async fn steps_run_once_their_dependencies_are_done() {
    let stage = stage(
        r#"
        step "read" "a" {
          value = { name = "x" }
          takes = 50
        }
        step "read" "b" { value = step.read.a.value.name }
        step "read" "c" { value = "free" }
        output "b" { value = upper(step.read.b.value) }
        "#,
    )
    .expect("planned");
    let report = stage.run(10, &Events::default()).await;
    assert_eq!(report.status, Status::Done);
    let began: Vec<_> = stage.log.lines();
    assert_eq!(
        began,
        [
            "step.read.a began",
            "step.read.c began",
            "step.read.c ended",
            "step.read.a ended",
            "step.read.b began",
            "step.read.b ended",
        ]
    );
    assert_eq!(format!("{:?}", report.outputs), r#"[("b", "X")]"#);
}

#[tokio::test(start_paused = true)]
async fn a_failure_skips_only_its_dependents() {
    let stage = stage(
        r#"
        step "read" "bad" { fails = true }
        step "read" "after" { value = step.read.bad.value }
        step "read" "last" { depends_on = [step.read.after] }
        step "read" "free" { takes = 10 }
        output "after" { value = step.read.after.value }
        output "free" { value = step.read.free.value }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Failed);
    let summary = report.summary;
    assert_eq!((summary.done, summary.failed, summary.skipped), (1, 1, 2));
    let skipped = events.of("step_skipped");
    assert!(skipped.iter().all(|event| event["because"] == "step.read.bad failed"), "{skipped:?}");
    assert_eq!(report.outputs.len(), 1);
    let error = report.diagnostics.iter().next().expect("one");
    assert_eq!((error.summary.as_str(), error.address.as_deref()), ("told to fail", Some("step.read.bad")));
}

#[tokio::test(start_paused = true)]
async fn parallelism_limits_the_running_steps() {
    let steps: String = (0..9)
        .map(|at| format!("step \"read\" \"s{at}\" {{ takes = {} }}\n", 10 + at))
        .collect::<Vec<_>>()
        .concat();
    let stage = stage(&steps).expect("planned");
    stage.run(3, &Events::default()).await;
    let (mut now, mut most) = (0, 0);
    for line in stage.log.lines() {
        now = if line.ends_with("began") { now + 1 } else { now - 1 };
        most = most.max(now);
    }
    assert_eq!(most, 3);
}

#[tokio::test(start_paused = true)]
async fn a_slow_step_is_stopped_by_its_timeout() {
    let stage = stage(
        r#"
        step "read" "slow" {
          takes   = 60000
          timeout = "5s"
        }
        "#,
    )
    .expect("planned");
    let report = stage.run(10, &Events::default()).await;
    let error = report.diagnostics.iter().next().expect("one");
    assert_eq!((error.code, error.summary.as_str()), ("timeout", "the step did not end within 5s"));
    assert_eq!(stage.log.lines(), ["step.read.slow began"]);
}

#[tokio::test(start_paused = true)]
async fn one_token_serves_every_step_of_its_audience() {
    let stage = stage(
        r#"
        step "read" "a" { host = "a.example.test" }
        step "read" "b" { host = "${step.read.a.value}.example.test" }
        "#,
    )
    .expect("planned");
    let events = Events::default();
    let report = stage.run(10, &events).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    assert_eq!(events.of("token_acquired").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_unplanned_call_is_not_made() {
    let stage = stage(
        r#"
        step "read" "a" { value = "evil.test/x?" }
        step "read" "b" { host = "${step.read.a.value}.example.test" }
        "#,
    )
    .expect("planned");
    let report = stage.run(10, &Events::default()).await;
    let error = report.diagnostics.iter().next().expect("refused");
    assert_eq!(error.code, "unplanned-action");
    assert!(!stage.log.lines().iter().any(|line| line.starts_with("step.read.b")));
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_waits_for_steps_in_flight() {
    let stage = stage(
        r#"
        step "read" "a" { takes = 1000 }
        step "read" "b" { value = step.read.a.value }
        "#,
    )
    .expect("planned");
    let (sender, interrupts) = mpsc::channel(2);
    sender.send(StopSignal::CtrlC).await.expect("sent");
    let events = Events::default();
    let mut observers = Observers::new();
    observers.add(events.clone());
    let report = stage.run_with(10, &mut observers, interrupts).await;
    assert_eq!(report.status, Status::Interrupted);
    assert_eq!(stage.log.lines(), ["step.read.a began", "step.read.a ended"]);
    assert_eq!(events.of("step_skipped").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_interrupt_ends_the_run_and_names_uncertain_steps() {
    let stage = stage(r#"step "change" "a" { takes = 1000 }"#).expect("planned");
    let (sender, interrupts) = mpsc::channel(2);
    sender.send(StopSignal::CtrlC).await.expect("sent");
    sender.send(StopSignal::CtrlC).await.expect("sent");
    let events = Events::default();
    let mut observers = Observers::new();
    observers.add(events.clone());
    let report = stage.run_with(10, &mut observers, interrupts).await;
    assert_eq!(report.status, Status::Interrupted);
    assert!(!stage.log.lines().contains(&"step.change.a ended".to_owned()));
    assert_eq!(events.of("step_failed")[0]["uncertain"], true);
}

const CHANGES: &str = r#"
    variable "password" {
      type      = string
      sensitive = true
    }
    step "read" "a" { value = "x" }
    step "change" "b" { value = { from = step.read.a.value, password = var.password } }
    step "change" "c" { value = step.change.b.secret }
    output "b" {
      value     = step.change.b.value
      sensitive = true
    }
"#;

#[tokio::test]
async fn the_journal_is_complete_and_has_no_secret() {
    let stage = stage_with(CHANGES, &[("password", "hunter2-canary")]).expect("planned");
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let events = Events::default();
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    observers.add(events.clone());
    let (_keep, interrupts) = mpsc::channel(1);
    let report = stage.run_with(10, &mut observers, interrupts).await;
    drop(observers);
    let digest = writer.finish().expect("a digest");
    assert_eq!(report.status, Status::Done);
    let content = disk.content();
    let journal = Journal::parse(&content);
    assert_eq!((&journal.verdict, journal.head), (&Verdict::Complete, digest));
    for text in [String::from_utf8(content).unwrap(), events.text(), format!("{report:?}")] {
        for secret in [CANARY, "hunter2"] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

/// Redaction of known secrets covers a secret in an unmarked value.
#[tokio::test]
async fn an_unmarked_secret_is_not_in_the_journal() {
    let stage =
        stage(r#"step "read" "a" { value = { "hidden-word" = "a hidden-word here" } }"#).expect("planned");
    stage.secrets.add("hidden-word");
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let (_keep, interrupts) = mpsc::channel(1);
    stage.run_with(10, &mut observers, interrupts).await;
    drop(observers);
    writer.finish().expect("a digest");
    let content = String::from_utf8(disk.content()).unwrap();
    assert!(!content.contains("hidden-word") && content.contains("a (sensitive) here"), "{content}");
    assert_eq!(Journal::parse(content.as_bytes()).verdict, Verdict::Complete);
}

#[tokio::test]
async fn every_modification_of_a_journal_is_detected() {
    let stage = stage_with(CHANGES, &[("password", "hunter2")]).expect("planned");
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let (_keep, interrupts) = mpsc::channel(1);
    stage.run_with(10, &mut observers, interrupts).await;
    drop(observers);
    writer.finish().expect("a digest");
    let whole = String::from_utf8(disk.content()).unwrap();
    let lines: Vec<&str> = whole.lines().collect();
    let last = lines.len() - 1;
    for at in 0..lines.len() {
        let journal = |lines: Vec<&str>| Journal::parse((lines.join("\n") + "\n").as_bytes());
        let mut removed = lines.clone();
        removed.remove(at);
        assert_ne!(journal(removed).verdict, Verdict::Complete, "line {at} removed");
        let changed = lines[at].replacen("\"at\":\"2", "\"at\":\"1", 1);
        let mut edited = lines.clone();
        edited[at] = &changed;
        // No later line protects the last one; only the digest that the run printed reveals its change.
        assert!(journal(edited).verdict != Verdict::Complete || at == last, "line {at} changed");
    }
    for (was, is) in [
        ("\"status\":\"done\"", "\"status\":\"failed\""),
        ("\"done\":3", "\"done\":2"),
        ("\"changed\":2", "\"changed\":0"),
    ] {
        let forged = whole.replace(was, is);
        assert_ne!(forged, whole, "{was} was not found");
        assert!(matches!(Journal::parse(forged.as_bytes()).verdict, Verdict::Broken { .. }), "{is}");
    }
    let torn = Journal::parse(&whole.as_bytes()[..whole.len() - 10]);
    assert_eq!(torn.verdict, Verdict::Torn);
    assert_eq!(torn.lines.len(), last);
    // A crash leaves the beginning of the next line or zeros, and nothing behind the end of the run.
    let before: usize = lines[..last].iter().map(|line| line.len() + 1).sum();
    let tails: [(&[u8], bool); 6] = [
        (&lines[last].as_bytes()[..30], true),
        (lines[last].as_bytes(), true),
        (&[0; 9], true),
        (b"junk", false),
        (b"{\"prev\":\"5e1f", false),
        (b"\0junk", false),
    ];
    for (tail, is_torn) in tails {
        let unfinished = Journal::parse(&[&whole.as_bytes()[..before], tail].concat());
        let expected = if is_torn { "Torn" } else { "Broken" };
        assert!(
            format!("{:?}", unfinished.verdict).starts_with(expected),
            "{tail:?}: {:?}",
            unfinished.verdict
        );
        let finished = Journal::parse(&[whole.as_bytes(), tail].concat());
        assert!(matches!(finished.verdict, Verdict::Broken { .. }), "{tail:?}: {:?}", finished.verdict);
    }
}
