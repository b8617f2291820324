//! The addresses of what `-target` and `-exclude` name.

use super::answer::Candidate;
use super::runbook::Written;

/// A module is looked into when this much of the address says which one; deeper than this nothing is.
const DEEPEST: usize = 8;

/// The addresses in a runbook that may go on from `begun`. Those in a module come when `begun` names it.
pub fn of(runbook: &Written, begun: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    inside(runbook, "", begun, DEEPEST, &mut found);
    found
}

fn inside(runbook: &Written, prefix: &str, begun: &str, depth: usize, found: &mut Vec<Candidate>) {
    for (kind, count) in [("step", 2), ("module", 1), ("output", 1), ("check", 1)] {
        for labels in runbook.labels(kind).filter(|labels| labels.len() == count) {
            found.push(Candidate::new(format!("{prefix}{kind}.{}", labels.join(".")), kind));
        }
    }
    let Some(rest) = begun.strip_prefix(prefix).and_then(|rest| rest.strip_prefix("module.")) else {
        return;
    };
    let Some((name, _)) = rest.split_once('.').filter(|_| depth > 0) else { return };
    // Which instance it is makes no difference to what is in it.
    let plain = name.split('[').next().unwrap_or(name);
    if let Some(module) = runbook.module(plain) {
        inside(&module, &format!("{prefix}module.{name}."), begun, depth - 1, found);
    }
}
