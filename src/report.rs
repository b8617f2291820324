//! The report at the end of a run.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::Digest;
use arcbook_engine::plan::{abridged, each_block_first};
use arcbook_engine::run::{CriticalPath, Report, Status, StepResults};
use arcbook_engine::value::{Layout, show};

use crate::exit::Exit;
use crate::progress::seconds;
use crate::screen::Screen;

/// Returns the exit status for the status of a run.
pub fn exit(status: Status) -> Exit {
    match status {
        Status::Done => Exit::Done,
        Status::Failed => Exit::Failed,
        Status::Interrupted => Exit::Interrupted,
    }
}

/// Returns the diagnostics in `found` that are not in `said`.
pub fn news(found: &Diagnostics, said: &Diagnostics) -> Diagnostics {
    let told = |found: &Diagnostic| {
        let place = found.primary.as_ref().map(|label| label.span);
        (found.code, found.summary.clone(), found.address.clone(), place)
    };
    let said: HashSet<_> = said.iter().map(told).collect();
    let mut news: Diagnostics = found.iter().filter(|found| !said.contains(&told(found))).cloned().collect();
    news.unite_causes();
    news
}

/// Prints the outputs, and why some have no value. An output that does not depend on what failed has its value.
pub fn outputs(screen: &Screen, report: &Report) {
    if report.outputs.is_empty() && report.missing.is_empty() {
        return;
    }
    screen.line("\nOutputs:");
    let names =
        report.outputs.iter().map(|(name, _)| name).chain(report.missing.iter().map(|(name, _)| name));
    let width = names.map(String::len).max().unwrap_or(0);
    for (name, value) in &report.outputs {
        screen.line(&format!("  {name:width$} = {}", show(value, Layout { indent: 2, heredocs: true })));
    }
    for (name, why) in &report.missing {
        screen.flow(&format!("  {name:width$} has no value: {why}"));
    }
}

/// Prints the summary and the path of the record. Prints nothing with `-json`, where the events contain it,
/// or with `-quiet` after a successful run.
pub fn close(screen: &Screen, report: &Report, path: &Path, digest: Option<Digest>) {
    if screen.json || screen.quiet && report.status == Status::Done {
        return;
    }
    let summary = &report.summary;
    let word = match report.status {
        Status::Done => "Done",
        Status::Failed => "Failed",
        Status::Interrupted => "Interrupted",
    };
    let not_run: usize = report.ends.skipped.values().map(Vec::len).sum();
    let counts = [
        (summary.changed, "changed something"),
        (summary.recalled, "already done"),
        (summary.failed, "failed"),
        (summary.tolerated, "failed without stopping the run"),
        (not_run, "not run"),
        (summary.skipped.saturating_sub(not_run), "not needed"),
        (summary.left_out, "left out"),
    ];
    let counts: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!(", {count} {what}"))
        .collect();
    let (done, steps, took) = (summary.done, report.steps, seconds(summary.milliseconds));
    screen.flow(&format!("\n{word}: {done} of {steps} steps done{}; {took}.", counts.concat()));
    if let Some(path) = critical_path(&report.critical_path, summary.milliseconds) {
        screen.flow(&path);
    }
    ends(screen, &report.ends);
    let digest = digest.map(|digest| format!(" (sha256 {digest})")).unwrap_or_default();
    screen.flow(&format!("The record is {}{digest}.", path.display()));
}

/// The maximum number of links of the critical path that are shown.
const LINKS: usize = 5;
/// The duration, in milliseconds, below which a run's critical path is not shown.
const QUICK: u64 = 100;

/// Returns the critical path of the run, and its share of the duration; none for a short run.
fn critical_path(path: &CriticalPath, whole: u64) -> Option<String> {
    if whole < QUICK || path.links.is_empty() {
        return None;
    }
    let mut longest: Vec<usize> = (0..path.links.len()).collect();
    longest.sort_by_key(|&at| Reverse(path.links[at].milliseconds));
    longest.truncate(LINKS);
    longest.sort_unstable();
    let links = longest.iter().map(|&at| &path.links[at]);
    let links = links.map(|link| format!("{} ({})", link.address, seconds(link.milliseconds)));
    let links = links.collect::<Vec<_>>().join(" → ");
    let more = path.length.saturating_sub(longest.len());
    let more = if more > 0 { format!(" and {more} shorter") } else { String::new() };
    let share = path.milliseconds.min(whole) * 100 / whole;
    let queued = match path.queued_milliseconds * 100 / whole {
        0 => String::new(),
        share => format!("; {share} % of it waited for a free slot ({})", waited_for(path)),
    };
    Some(format!("Critical path: {links}{more}: {share} % of {}{queued}.", seconds(whole)))
}

/// Returns the limits that the links of a critical path waited for.
fn waited_for(path: &CriticalPath) -> String {
    let queued = path.links.iter().filter(|link| link.queued_milliseconds > 0);
    let limits: BTreeSet<&str> =
        queued.map(|link| link.queued_for.as_deref().unwrap_or("-parallelism")).collect();
    let limits: Vec<String> = limits.iter().map(|limit| format!("`{limit}`")).collect();
    if limits.is_empty() { "`-parallelism`".to_owned() } else { limits.join(", ") }
}

/// The maximum number of steps that are listed for each result.
const NAMED: usize = 10;

/// Prints the steps that changed something, those that failed, and those that did not run, with the reasons.
fn ends(screen: &Screen, ends: &StepResults) {
    let line = |what: &str, step: &str, more: &str| screen.flow(&format!("  {what:<8} {step}{more}"));
    let changed = each_block_first(ends.changed.iter().collect(), |(step, _)| step);
    for (step, change) in changed.into_iter().take(NAMED) {
        line(change.as_str(), step, "");
    }
    further(screen, ends.changed.len());
    let failed = by_reason(ends.failed.iter().chain(&ends.tolerated));
    let failed = each_block_first(failed, |(_, steps)| &steps[0]);
    for (reason, steps) in failed.iter().take(NAMED) {
        line("failed", &abridged(steps), &format!(": {reason}"));
    }
    further(screen, failed.len());
    for (because, steps) in ends.skipped.iter().take(NAMED) {
        line("not run", &abridged(steps), &format!(": {because}"));
    }
    further(screen, ends.skipped.len());
}

/// Groups failures by their reason.
fn by_reason<'a>(failed: impl Iterator<Item = &'a (String, String)>) -> Vec<(&'a str, Vec<String>)> {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    let mut known = HashMap::new();
    for (step, reason) in failed {
        let at = *known.entry(reason.as_str()).or_insert_with(|| {
            reasons.push((reason, Vec::new()));
            reasons.len() - 1
        });
        reasons[at].1.push(step.clone());
    }
    reasons
}

fn further(screen: &Screen, count: usize) {
    if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
        screen.line(&format!("  and {more} more"));
    }
}

#[cfg(test)]
mod tests {
    use arcbook_engine::run::Link;

    use super::*;

    fn path(milliseconds: &[u64], queued_milliseconds: u64) -> CriticalPath {
        let link = |(at, &milliseconds): (usize, &u64)| Link {
            address: format!("step.echo.{at}"),
            milliseconds,
            queued_milliseconds: 0,
            queued_for: None,
        };
        CriticalPath {
            links: milliseconds.iter().enumerate().map(link).collect(),
            length: milliseconds.len(),
            milliseconds: milliseconds.iter().sum(),
            queued_milliseconds,
        }
    }

    #[test]
    fn the_critical_path_is_named_with_its_share_and_shortened_to_what_is_long() {
        let cases = [
            (
                path(&[100, 1_200], 0),
                1_400,
                Some("step.echo.0 (100 ms) → step.echo.1 (1.2 s): 92 % of 1.4 s."),
            ),
            (
                path(&[100, 300], 500),
                1_000,
                Some(
                    "step.echo.0 (100 ms) → step.echo.1 (300 ms): 40 % of 1.0 s; 50 % of it waited for a free slot (`-parallelism`).",
                ),
            ),
            (
                path(&[1, 900, 1, 80, 70, 60, 50], 0),
                1_200,
                Some(
                    "step.echo.1 (900 ms) → step.echo.3 (80 ms) → step.echo.4 (70 ms) → step.echo.5 (60 ms) → \
                     step.echo.6 (50 ms) and 2 shorter: 96 % of 1.2 s.",
                ),
            ),
            (path(&[99], 0), 99, None),
            (path(&[], 0), 5_000, None),
        ];
        for (path, whole, expected) in cases {
            let expected = expected.map(|text| format!("Critical path: {text}"));
            assert_eq!(critical_path(&path, whole), expected);
        }
    }
}
