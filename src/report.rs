//! What is said when a run is over.

use std::path::Path;

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::journal::Digest;
use arcbook_engine::run::{Ends, Report, Status};
use arcbook_engine::value::{Layout, show};

use crate::exit::Exit;
use crate::progress::seconds;
use crate::screen::Screen;

/// How the program ends after a run that ended like this.
pub fn exit(status: Status) -> Exit {
    match status {
        Status::Done => Exit::Done,
        Status::Failed => Exit::Failed,
        Status::Interrupted => Exit::Interrupted,
    }
}

/// What was found that was not said before.
pub fn news(found: &Diagnostics, said: &Diagnostics) -> Diagnostics {
    found.iter().filter(|found| !said.iter().any(|said| said == *found)).cloned().collect()
}

/// Prints what came out.
pub fn outputs(screen: &Screen, report: &Report) {
    if report.outputs.is_empty() {
        return;
    }
    screen.line("\nOutputs:");
    let width = report.outputs.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    for (name, value) in &report.outputs {
        screen.line(&format!("  {name:width$} = {}", show(value, Layout { indent: 2, heredocs: true })));
    }
}

/// Prints the numbers, and where the record is.
pub fn close(screen: &Screen, report: &Report, path: &Path, digest: Option<Digest>) {
    let summary = &report.summary;
    let word = match report.status {
        Status::Done => "Done",
        Status::Failed => "Failed",
        Status::Interrupted => "Interrupted",
    };
    let counts = [
        (summary.changed, "changed something"),
        (summary.recalled, "done before"),
        (summary.failed, "failed"),
        (summary.tolerated, "failed without stopping the run"),
        (report.ends.skipped.iter().map(|(_, steps)| steps.len()).sum(), "not run"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let (done, steps, took) = (summary.done, report.steps, seconds(summary.milliseconds));
    screen.line(&format!("\n{word}: {done} of {steps} steps done{}; {took}.", counts.concat()));
    ends(screen, &report.ends);
    let digest = digest.map(|digest| format!(" (sha256 {digest})")).unwrap_or_default();
    screen.line(&format!("The record is {}{digest}.", path.display()));
}

/// How many steps are named for each thing that became of them.
const NAMED: usize = 10;

/// Says which steps changed something, which failed, and which were not run and why.
fn ends(screen: &Screen, ends: &Ends) {
    let line = |what: &str, step: &str, more: &str| screen.line(&format!("  {what:<8} {step}{more}"));
    for (step, change) in ends.changed.iter().take(NAMED) {
        line(change.as_str(), step, "");
    }
    further(screen, ends.changed.len());
    for (step, reason) in ends.failed.iter().chain(&ends.tolerated).take(NAMED) {
        line("failed", step, &format!(": {reason}"));
    }
    further(screen, ends.failed.len() + ends.tolerated.len());
    for (because, steps) in ends.skipped.iter().take(NAMED) {
        let named = steps.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = steps.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        line("not run", &named, &format!("{more}: {because}"));
    }
    further(screen, ends.skipped.len());
}

fn further(screen: &Screen, count: usize) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        screen.line(&format!("  and {more} more"));
    }
}
