//! Changes of a prior run, when the runbook or the objects have changed since.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::journal::{Directory, History, Of};
use arcbook_engine::run::{self, PriorRun, Report, Status, Undo};

use crate::disk::Disk;
use crate::resume::{journals, run_on};
use crate::support::{Stage, stage_files, stage_with};

/// Returns the history of the newest of these records.
pub fn history(records: &[Vec<u8>]) -> History {
    let names: Vec<String> = (0..records.len()).map(|at| format!("run-{at}")).collect();
    let contents: Vec<_> = names.iter().map(String::as_str).zip(records.iter().map(Vec::as_slice)).collect();
    let (_temporary, directory): (_, Directory) = journals(&contents);
    History::read(&directory, names.last().expect("one"), Of::Any).expect("good")
}

/// Runs `first`, then resumes it as `second` with the changes in `since`; returns the second stage and its
/// report.
async fn then(first: &Stage, mut second: Stage, since: &[&str]) -> (Stage, Report) {
    let disk = Disk::default();
    let report = run_on(first, &disk).await;
    assert_eq!(report.status, Status::Done, "{:?}", report.diagnostics);
    let prior_run = history(&[disk.content()]).prior_run;
    // The runbook's name is that of its temporary directory.
    second.prior_run = Some(PriorRun { runbook: second.runbook.name.clone(), ..prior_run });
    if !since.contains(&"gone") {
        first.service.lines().into_iter().for_each(|line| second.service.push(line));
    }
    since.iter().filter(|line| **line != "gone").for_each(|line| second.service.push((*line).to_owned()));
    let report = run_on(&second, &Disk::default()).await;
    (second, report)
}

fn told(report: &Report) -> String {
    lines(&report.diagnostics)
}

fn lines(found: &Diagnostics) -> String {
    let lines = found.iter().map(|found| format!("{} {}", found.code, found.summary));
    lines.collect::<Vec<_>>().join("\n")
}

const WITH_VALUE: &str = r#"
    variable "value" {
      type    = string
      default = "a"
    }
    variable "host" {
      type    = string
      default = "one"
    }
    step "put" "x" {
      value = var.value
      host  = "${var.host}.test"
      takes = "1"
    }
"#;

/// Changes to the service and to the runbook, the status, the number of kept changes, and parts of the
/// messages.
type Case = (&'static [&'static str], (&'static str, &'static str), Status, usize, &'static [&'static str]);

/// A recorded change is kept, repeated or refused, depending on the runbook and the object.
#[tokio::test(start_paused = true)]
async fn a_recorded_change_is_compared_with_the_runbook_and_the_object() {
    let cases: [Case; 12] = [
        (&[], ("", ""), Status::Done, 1, &[]),
        (&[], ("step \"put\"", "# a comment\n    step \"put\""), Status::Done, 1, &[]),
        // An argument differs; the object may match it nevertheless.
        (&["~a"], ("takes = \"1\"", "takes = \"2\""), Status::Done, 0, &[]),
        (&[], ("takes = \"1\"", "takes = \"2\""), Status::Done, 0, &[]),
        (&["gone"], ("", ""), Status::Done, 0, &[]),
        (
            &["~a"],
            ("", ""),
            Status::Failed,
            0,
            &["somebody else changed", "run-0", "`value` was \"a\", is \"another\""],
        ),
        (&["@a"], ("", ""), Status::Failed, 0, &["somebody else changed", "`version` was 1, is 2"]),
        (&["@a"], ("takes = \"1\"", "takes = \"2\""), Status::Failed, 0, &["`version` was 1, is 2"]),
        // A secret differs for an unknown reason, so the change is kept with a warning.
        (&["*a"], ("", ""), Status::Done, 1, &["secret-changed step.put.x is kept"]),
        (
            &[],
            ("default = \"one\"", "default = \"two\""),
            Status::Failed,
            0,
            &["another target", "run-0", "`host` was \"one.test\", is \"two.test\"", "https://two.test/a"],
        ),
        (&[], ("default = \"a\"", "default = \"b\""), Status::Failed, 0, &["`value` was \"a\", is \"b\""]),
        (&["?a"], ("", ""), Status::Failed, 0, &["told not to tell"]),
    ];
    for (since, (was, is), status, recalled, expected) in cases {
        let first = stage_with(WITH_VALUE, &[]).expect("planned");
        let second =
            stage_with(&WITH_VALUE.replace(was, if was.is_empty() { "" } else { is }), &[]).expect("planned");
        let (second, report) = then(&first, second, since).await;
        let case = format!("{since:?} {is}: {}", told(&report));
        assert_eq!((report.status, report.summary.recalled), (status, recalled), "{case}");
        for part in expected {
            assert!(told(&report).contains(part), "no {part} in {case}");
        }
        // A refused run makes no change.
        let changes = since.contains(&"gone") || since.contains(&"~a") && is.contains('2');
        let made = second.log.attempts("step.put.x");
        assert_eq!(made, usize::from(status == Status::Done && changes), "{case}");
    }
}

/// A different target that is known before the run is refused before the run.
#[tokio::test(start_paused = true)]
async fn a_different_target_is_refused_before_the_run_if_known() {
    let cases: [(&str, &str, &[&str]); 5] = [
        ("", "", &[]),
        ("takes = \"1\"", "takes = \"2\"", &[]),
        (
            "default = \"one\"",
            "default = \"two\"",
            &[
                "cannot-resume",
                "step.put.x was made on another target",
                "`host` was \"one.test\", is \"two.test\"",
            ],
        ),
        ("\"put\" \"x\"", "\"put\" \"y\"", &["unaccounted-change", "a change in step.put.x"]),
        ("${var.host}.test", "${var.host}.example", &["`host` was \"one.test\", is \"one.example\""]),
    ];
    for (was, is, expected) in cases {
        let first = stage_with(WITH_VALUE, &[]).expect("planned");
        let disk = Disk::default();
        run_on(&first, &disk).await;
        let second =
            stage_with(&WITH_VALUE.replace(was, if was.is_empty() { "" } else { is }), &[]).expect("planned");
        let prior_run =
            PriorRun { runbook: second.runbook.name.clone(), ..history(&[disk.content()]).prior_run };
        let found = run::check_resume(&prior_run, &second.runbook, &second.plan, &second.secrets);
        let told = lines(&found);
        assert_eq!(found.is_empty(), expected.is_empty(), "{is}: {told}");
        for part in expected {
            assert!(told.contains(part), "no {part} in {told}");
        }
    }
}

/// An argument's inputs are the defaults of module variables, local values and variable values.
#[tokio::test(start_paused = true)]
async fn every_input_of_an_argument_counts() {
    let outer = r#"
        variable "given" {
          type    = string
          default = "g"
        }
        locals { named = "n" }
        module "m" {
          source = "./inner"
          local  = local.named
          given  = var.given
        }
    "#;
    let inner = r#"
        variable "local" { type = string }
        variable "given" { type = string }
        variable "defaulted" {
          type    = string
          default = "d"
        }
        step "put" "x" {
          value = "x"
          host  = "a.test"
          takes = "${length(var.local) + length(var.given) + length(var.defaulted)}"
        }
    "#;
    let staged = |outer: &str, inner: &str| {
        stage_files(&[("main.runbook.hcl", outer), ("inner/main.runbook.hcl", inner)], &[]).expect("planned")
    };
    let cases = [
        ("", "", 1),
        ("default = \"d\"", "default = \"dd\"", 0),
        ("named = \"n\"", "named = \"nn\"", 0),
        ("default = \"g\"", "default = \"gg\"", 0),
        ("host  = \"a.test\"", "host = \"${\"a\"}.test\"", 1),
    ];
    for (was, is, recalled) in cases {
        let is = |text: &str| if was.is_empty() { text.to_owned() } else { text.replace(was, is) };
        let since: &[&str] = if recalled == 0 { &["~x"] } else { &[] };
        let (second, report) = then(&staged(outer, inner), staged(&is(outer), &is(inner)), since).await;
        assert_eq!((report.status, report.summary.recalled), (Status::Done, recalled), "{}", told(&report));
        assert_eq!(second.log.attempts("module.m.step.put.x"), 1 - recalled, "{was}");
    }
}

/// A change of a type that cannot query its object is kept only if its arguments are equal.
#[tokio::test(start_paused = true)]
async fn a_change_that_cannot_be_queried_is_repeated_only_with_other_arguments() {
    let text = "step \"change\" \"x\" {\n value = \"a\"\n host = \"a.test\"\n takes = \"1\"\n}";
    for (was, is, status, made) in [
        ("", "", Status::Done, 0),
        ("takes = \"1\"", "takes = \"2\"", Status::Done, 1),
        ("a.test", "b.test", Status::Failed, 0),
    ] {
        let is = if was.is_empty() { text.to_owned() } else { text.replace(was, is) };
        let staged = |text: &str| stage_with(text, &[]).expect("planned");
        let (second, report) = then(&staged(text), staged(&is), &[]).await;
        assert_eq!(
            (report.status, second.log.attempts("step.change.x")),
            (status, made),
            "{}",
            told(&report)
        );
    }
}

/// A finished step that used a secret with a new value is kept, and a warning names it.
#[tokio::test(start_paused = true)]
async fn a_rotated_secret_is_reported() {
    let text = r#"
        variable "password" {
          type      = string
          sensitive = true
        }
        step "put" "uses" {
          value = "x"
          takes = var.password == "hunter2" ? "1" : "1"
        }
        step "change" "too" { turns = [nonsensitive(length(var.password)), var.password] }
        step "put" "free" { value = "y" }
    "#;
    for (password, expected) in [("hunter2", &[][..]), ("hunter3", &["step.change.too", "step.put.uses"])] {
        let first = stage_with(text, &[("password", "hunter2")]).expect("planned");
        let second = stage_with(text, &[("password", password)]).expect("planned");
        let (_, report) = then(&first, second, &[]).await;
        assert_eq!((report.status, report.summary.recalled), (Status::Done, 3), "{}", told(&report));
        let mut named: Vec<&str> =
            report.diagnostics.iter().filter_map(|found| found.summary.split(' ').next()).collect();
        named.sort_unstable();
        assert_eq!(named, expected);
    }
}

/// Two steps change the same target in sequence, and the second change is not mistaken for someone else's.
#[tokio::test(start_paused = true)]
async fn a_change_by_a_later_step_of_the_run_is_not_somebody_elses() {
    let text = r#"
        step "put" "draft" {
          value = "x"
          host  = "a.test"
          takes = "1"
        }
        step "put" "final" {
          value      = "x"
          host       = "a.test"
          takes      = "2"
          depends_on = [step.put.draft]
        }
    "#;
    let staged = || stage_with(text, &[]).expect("planned");
    // The second step would find the first one's object, so the test marks it as changed.
    let first = staged();
    first.service.push("~x".to_owned());
    let (_, report) = then(&first, staged(), &[]).await;
    let told = told(&report);
    assert!(told.contains("somebody else changed https://a.test/x") && !told.contains("draft"), "{told}");
    assert_eq!(report.summary.recalled, 1, "{told}");
}

/// The run id, the time and random values differ in every run, so they cause no repeated change.
#[tokio::test(start_paused = true)]
async fn values_that_differ_in_every_run_cause_no_change() {
    let text = |kind: &str, value: &str| {
        format!(
            "locals {{ now = \"{value}\" }}\nstep \"{kind}\" \"x\" {{\n value = local.now\n host = \"a.test\"\n takes = \"1\"\n}}\n\
             output \"x\" {{ value = step.{kind}.x.value }}"
        )
    };
    for kind in ["put", "change"] {
        for (value, other) in [
            ("of ${runbook.run_id}", ("", "")),
            ("${uuid()}", ("", "")),
            ("${uuid()} of ${runbook.run_id}", ("a.test", "b.test")),
            ("${uuid()}", ("\"1\"", "\"2\"")),
        ] {
            let staged = |text: &str| stage_with(text, &[]).expect("planned");
            let first = text(kind, value);
            let second = if other.0.is_empty() { first.clone() } else { first.replace(other.0, other.1) };
            let (second, report) = then(&staged(&first), staged(&second), &[]).await;
            let told = format!("{kind} {value} {other:?}: {}", told(&report));
            let (status, done) = if other.0.is_empty() { (Status::Done, 1) } else { (Status::Failed, 0) };
            // The secret of `change` is not in the record, so its output is unavailable and the run fails.
            let is_kept = kind == "put" || status == Status::Failed;
            assert_eq!(report.status, if is_kept { status } else { Status::Failed }, "{told}");
            assert_eq!(report.summary.recalled, if is_kept { done } else { 0 }, "{told}");
            assert_eq!(second.log.attempts(&format!("step.{kind}.x")), 0, "{told}");
        }
    }
}

/// The object of a removed `for_each` key is reported and undone with the others; a new key's object is
/// created.
#[tokio::test(start_paused = true)]
async fn a_change_without_a_step_is_reported_and_undone() {
    let literal =
        |keys: &str| format!("step \"put\" \"x\" {{\n for_each = toset([{keys}])\n value = each.key\n}}");
    let read = |keys: &str| {
        let inner = "step \"put\" \"x\" {\n for_each = toset(step.read.keys.value)\n value = each.key\n}";
        format!("step \"read\" \"keys\" {{ value = [{keys}] }}\n{inner}")
    };
    // The removed key is known before the run, or only at its end.
    for (text, early) in [(literal("\"a\", \"b\""), true), (read("\"a\", \"b\""), false)] {
        let first = stage_with(&text, &[]).expect("planned");
        let disk = Disk::default();
        run_on(&first, &disk).await;
        let text = text.replace("\"a\", \"b\"", "\"b\", \"c\"");
        let mut second = stage_with(&text, &[]).expect("planned");
        let mut prior_run = history(&[disk.content()]).prior_run;
        prior_run.runbook.clone_from(&second.runbook.name);
        first.service.lines().into_iter().for_each(|line| second.service.push(line));
        let found = run::check_resume(&prior_run, &second.runbook, &second.plan, &second.secrets);
        second.prior_run = Some(prior_run);
        let again = Disk::default();
        let report = run_on(&second, &again).await;
        assert_eq!(report.status, Status::Done, "{}", told(&report));
        let all = format!("{}{}", told(&report), lines(&found));
        assert!(all.contains("step.put.x[\"a\"]") && !all.contains("[\"b\"]"), "{all}");
        assert_eq!(found.is_empty(), !early, "{all}");
        assert_eq!(second.service.lines(), ["+a", "+b", "+c"]);
        let chain = resuming(&disk.content(), &again.content());
        let undo = Undo::of(&chain.prior_run, &chain.undone, &second.registry, None);
        let steps: Vec<&str> = undo.steps.iter().map(|step| step.address.as_str()).collect();
        assert_eq!(steps.len(), 3, "{steps:?}");
        assert_eq!(steps[0], "step.put.x[\"c\"]");
    }
}

/// Returns the history of `second`, which resumes `first`, known as `run-0`.
fn resuming(first: &[u8], second: &[u8]) -> History {
    history(&[first.to_vec(), second.to_vec()])
}
