//! Conditions, retries, failures and cleanup of steps, under a paused clock.

mod failure;
mod limits;
mod max_failures;
mod order;
mod resume;
mod retry;
mod stopping;
mod until;
mod when;

use arcbook_engine::plan;
use arcbook_engine::redact::Secrets;
use arcbook_engine::run::Report;

use crate::support::{Events, Stage, Tokens, stage};

fn staged(text: &str) -> Stage {
    stage(text).unwrap_or_else(|error| panic!("{error}"))
}

async fn ran(text: &str) -> (Stage, Report, Events) {
    let stage = staged(text);
    let events = Events::default();
    let report = stage.run(10, &events).await;
    (stage, report, events)
}

fn refused(text: &str) -> String {
    stage(text).err().expect("refused")
}

fn shown(stage: &Stage) -> String {
    plan::show(&stage.plan, &stage.runbook, &Tokens::default(), &Secrets::new(), &crate::support::full())
}

/// Returns each skipped step with the reason.
fn skipped(events: &Events) -> Vec<(String, String)> {
    let text = |event: &serde_json::Value, name: &str| event[name].as_str().unwrap().to_owned();
    events.of("step_skipped").iter().map(|event| (text(event, "step"), text(event, "because"))).collect()
}

fn outputs(report: &Report) -> String {
    let output = |(name, value): &(String, _)| format!("{name} = {value:?}");
    report.outputs.iter().map(output).collect::<Vec<_>>().join(", ")
}
