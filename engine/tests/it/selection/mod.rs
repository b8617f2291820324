//! Runs of a part of a runbook: `-target` and `-exclude`.

mod addresses;
mod cleanup;
mod closed;
mod instances;
mod part;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::plan::Selection;
use arcbook_engine::run::Report;

use crate::support::{Events, Stage, stage};

/// Selects a part of a stage; the error is the message that a user would see.
fn select(mut stage: Stage, targets: &[&str], excludes: &[&str]) -> Result<Stage, String> {
    let texts = |addresses: &[&str]| addresses.iter().map(ToString::to_string).collect::<Vec<_>>();
    let selected = Selection::parse(&texts(targets), &texts(excludes))
        .and_then(|selection| stage.plan.select(selection));
    match selected {
        Ok(warning) => {
            stage.notes.extend(warning);
            Ok(stage)
        }
        Err(found) => {
            let text = |error: &Diagnostic| format!("{}; {}", error.summary, error.help.join("; "));
            Err(found.iter().map(text).collect::<Vec<_>>().join("\n"))
        }
    }
}

/// Stages this text and selects a part of it.
pub fn selected(text: &str, targets: &[&str], excludes: &[&str]) -> Stage {
    let stage = stage(text).unwrap_or_else(|error| panic!("{error}"));
    select(stage, targets, excludes).unwrap_or_else(|error| panic!("{error}"))
}

fn left_out(stage: &Stage) -> Vec<String> {
    stage.plan.left_out.iter().map(|left| format!("{}: {}", left.address, left.because)).collect()
}

async fn run(stage: &Stage) -> (Report, Events) {
    let events = Events::default();
    let report = stage.run(10, &events).await;
    (report, events)
}

/// Returns the steps that started, sorted.
fn begun(stage: &Stage) -> Vec<String> {
    let lines = stage.log.lines().into_iter();
    let mut begun: Vec<_> = lines.filter_map(|line| Some(line.strip_suffix(" began")?.to_owned())).collect();
    begun.sort();
    begun
}

/// Returns the steps left out during the run, with reasons from the events.
fn omitted(events: &Events) -> Vec<String> {
    let skipped = events.of("step_skipped").into_iter().filter(|event| event["cause"] == "left_out");
    let text = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap().to_owned();
    skipped.map(|event| format!("{}: {}", text(&event, "step"), text(&event, "because"))).collect()
}
