//! Tests that the events of many kinds of runs match `docs/events.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arcbook_engine::journal::{Directory, History, Of, Writer};
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::{Event, FORMAT, Observer, Observers, Record, StopSignal};
use serde_json::Value as Json;
use tokio::sync::mpsc;

use crate::disk::Disk;
use crate::selection::selected;
use crate::support::{self, Events, stage, stage_with};

const PAGE: &str = include_str!("../../../docs/events.md");

/// A table row, which describes a member of an event.
struct Member {
    optional: bool,
    types: String,
}

type Members = BTreeMap<String, Member>;

impl Member {
    fn admits(&self, value: &Json) -> bool {
        match self.types.as_str() {
            "any" => true,
            "string" => value.is_string(),
            "integer" => value.is_u64(),
            "boolean" => value.is_boolean(),
            "object" => value.is_object(),
            "array" => value.is_array(),
            words => {
                value.as_str().is_some_and(|word| words.split(", ").any(|one| one == format!("`{word}`")))
            }
        }
    }
}

/// Parses the rows of the first table of a section.
fn table(section: &str) -> Members {
    let rows = section.lines().skip_while(|line| !line.starts_with("|---"));
    let rows = rows.skip(1).take_while(|line| line.starts_with('|'));
    let member = |row: &str| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let name = cells[1].trim_matches('`');
        let inner = name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        let member = Member { optional: inner.is_some(), types: cells[2].to_owned() };
        (inner.unwrap_or(name).to_owned(), member)
    };
    rows.map(member).collect()
}

/// Returns the documented events, each with its own and the common members.
fn described() -> BTreeMap<String, Members> {
    let common = PAGE.split("## Every event").nth(1).unwrap();
    let events = PAGE.split("\n### `").skip(1).map(|section| {
        let (name, rest) = section.split_once('`').unwrap();
        let mut members = table(rest.split("\n## ").next().unwrap());
        assert!(!members.is_empty(), "{name} has no members");
        members.extend(table(common));
        (name.to_owned(), members)
    });
    events.collect()
}

const EVERYTHING: &str = r#"
    runbook {
      record { name = "top" }
    }
    variable "key" {
      type      = string
      sensitive = true
    }
    step "read" "first" {
      value = ["a", "b"]
      host  = "a.test"
      asks  = true
    }
    step "read" "many" {
      for_each = toset(step.read.first.value)
      value    = each.key
    }
    step "read" "again" {
      turns = [503, "done"]
      retry {
        attempts = 2
        delay    = "1s"
      }
    }
    step "read" "poll" {
      turns = ["busy", "ready"]
      until { condition = self.value == "ready" }
    }
    step "read" "off" { when = false }
    step "put" "made" { value = "x" }
    step "change" "slow" { turns = ["operation"] }
    step "read" "keyed" { value = var.key }
    identity "actor" "other" {
      name   = "other"
      secret = var.key
    }
    step "read" "acting" {
      host     = "a.test"
      identity = identity.actor.other
    }
    step "change" "lost" {
      turns    = ["lost"]
      on_error = "continue"
    }
    step "put" "wrong" {
      value = "w"
      postcondition {
        condition     = self.value == "y"
        error_message = "it is not y"
      }
    }
    step "read" "refused" { fails = true }
    step "read" "after" { value = step.read.refused.value }
    step "read" "odd" { value = tonumber(step.read.again.value) }
    step "read" "cleanup" {
      run_on     = "failure"
      depends_on = [step.put.made]
    }
    check "never" {
      assert {
        condition     = step.put.made.value == "y"
        error_message = "it is not y"
      }
    }
    output "made" { value = step.put.made.value }
    output "key" {
      value     = var.key
      sensitive = true
    }
    output "bad" { value = tonumber(step.put.made.value) }
"#;

/// Returns a long chain of steps, which starts before every other step.
fn chain() -> String {
    let link = |at: usize| {
        format!(
            "step \"read\" \"link_{at}\" {{\n  value = step.read.link_{}.value\n  takes = 1000\n}}\n",
            at - 1
        )
    };
    let links: String = (1..12).map(link).collect();
    format!("step \"read\" \"link_0\" {{ takes = 1000 }}\n{links}")
}

/// Interrupts a run twice, at its third event.
struct Impatient(mpsc::Sender<StopSignal>, Events);

impl Observer for Impatient {
    fn observe(&mut self, record: &Arc<Record>) {
        self.1.observe(record);
        if record.seq == 3 {
            let _ = self.0.try_send(StopSignal::CtrlC);
            let _ = self.0.try_send(StopSignal::CtrlC);
        }
    }
}

async fn interrupted(events: &Events) {
    let stage = stage(r#"step "change" "slow" { takes = 60000 }"#).unwrap();
    let (sender, interrupts) = mpsc::channel(2);
    stage.run_with(1, &mut Impatient(sender, events.clone()), interrupts).await;
}

/// Runs with a journal, then runs again as a resumed run, then undoes the first run.
async fn resumed_and_undone(events: &Events) {
    let text = "step \"put\" \"made\" {\n value = \"x\"\n host = \"a.test\"\n}";
    let mut stage = stage(text).unwrap();
    let disk = Disk::default();
    let writer = Writer::new(disk.clone(), stage.secrets.clone());
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    observers.add(events.clone());
    let (_keep, interrupts) = mpsc::channel(1);
    stage.run_with(1, &mut observers, interrupts).await;
    drop(observers);
    assert!(writer.finish().is_some());
    let temporary = tempfile::tempdir().unwrap();
    std::fs::write(temporary.path().join("test.jsonl"), disk.content()).unwrap();
    let history = History::read(&Directory::new(temporary.path()), "test", Of::Any).unwrap();
    stage.prior_run = Some(history.prior_run.clone());
    stage.run(1, events).await;
    support::undo(&history, &stage.registry, &Secrets::new(), &mut events.clone()).await;
}

async fn refreshed(events: &Events) {
    let (_keep, interrupts) = mpsc::channel(1);
    let text = r#"
        step "make" "new" { value = "x" }
        step "read" "a" { host = "a.test" }
    "#;
    stage(text).unwrap().refresh(events, interrupts).await;
}

/// Runs a reviewed plan that reads a file.
async fn held(events: &Events) {
    let (_keep, interrupts) = mpsc::channel(1);
    let stage = stage(r#"step "read" "a" { value = length(file("main.runbook.hcl")) > 9 }"#).unwrap();
    stage.run_held(&stage.plan, &mut events.clone(), interrupts).await;
}

async fn of_a_part(events: &Events) {
    let text = "step \"read\" \"a\" {}\nstep \"read\" \"b\" {}";
    selected(text, &["step.read.a"], &[]).run(1, events).await;
}

async fn without_token(events: &Events) {
    let text = r#"
        runbook { timeout = "1s" }
        step "read" "a" { host = "none.test" }
        step "read" "slow" { takes = 60000 }
        step "read" "in_turn" {
          count       = 2
          takes       = 5
          concurrency = 1
        }
    "#;
    let mut stage = stage(text).unwrap();
    stage.refuses_tokens = true;
    stage.run(10, events).await;
}

#[tokio::test(start_paused = true)]
async fn every_event_matches_the_page_and_every_documented_event_occurs() {
    let described = described();
    let names: BTreeSet<&str> = Event::NAMES.iter().copied().collect();
    assert_eq!(described.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
    let events = Events::default();
    let text = format!("{EVERYTHING}{}", chain());
    let stage = stage_with(&text, &[("key", "canary")]).unwrap();
    // Two objects exist and are updated: one step of them succeeds.
    stage.service.push("%x".to_owned());
    stage.service.push("%w".to_owned());
    stage.run(1, &events).await;
    interrupted(&events).await;
    resumed_and_undone(&events).await;
    without_token(&events).await;
    refreshed(&events).await;
    held(&events).await;
    of_a_part(&events).await;
    let mut seen = BTreeSet::new();
    for event in events.all() {
        let name = event["event"].as_str().unwrap();
        let members = &described[name];
        for (member, value) in event.as_object().unwrap() {
            let known = members.get(member).unwrap_or_else(|| panic!("{name}.{member} is not described"));
            assert!(known.admits(value), "{name}.{member} is {}, not {value}", known.types);
            seen.insert(format!("{name}.{member}"));
        }
        let missing = members.iter().find(|(member, known)| !known.optional && event.get(member).is_none());
        assert!(missing.is_none(), "{name}.{} is missing: {event}", missing.unwrap().0);
    }
    for (name, members) in described {
        for member in members.keys() {
            assert!(seen.contains(&format!("{name}.{member}")), "{name}.{member} was never seen");
        }
    }
}

#[test]
fn the_page_names_the_version() {
    assert!(PAGE.contains(&format!("is the version of this schema: {FORMAT}.")));
}
