//! What is said when a run is over.

use std::path::Path;

use arcbook_engine::journal::Digest;
use arcbook_engine::run::{Report, Status};
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
        (summary.skipped, "not run"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let (done, steps, took) = (summary.done, report.steps, seconds(summary.milliseconds));
    screen.line(&format!("\n{word}: {done} of {steps} steps done{}; {took}.", counts.concat()));
    let digest = digest.map(|digest| format!(" (sha256 {digest})")).unwrap_or_default();
    screen.line(&format!("The record is {}{digest}.", path.display()));
}
