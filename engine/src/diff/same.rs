//! Tells whether a plan file was made from a runbook as it is.

use super::made_from::MadeFrom;
use super::subject::Subject;
use crate::plan::abridged;
use crate::plan::file::FileDigest;
use crate::source::is_elsewhere;

/// Returns true if one of the subjects is a plan file of the other one as it is, or the same plan file.
pub(super) fn are_the_same(one: &Subject, other: &Subject) -> bool {
    match (&one.made_from, &other.made_from) {
        (Some(one), Some(other)) => one.sha256 == other.sha256,
        (Some(plan), None) => is_of(plan, other),
        (None, Some(plan)) => is_of(plan, one),
        (None, None) => false,
    }
}

/// Returns true if a plan of `runbook` at the time of the plan file, on its machine, is the plan of that file.
///
/// A review knows less than the plan, and examines steps that the plan leaves out; so without this, it would tell both
/// as differences.
fn is_of(plan: &MadeFrom, runbook: &Subject) -> bool {
    let is_as_it_was = |(path, digest): (&String, &FileDigest)| plan.files.get(path) == Some(digest);
    plan.is_whole
        && plan.variables == runbook.listing.variables
        && runbook.text.iter().all(is_as_it_was)
        && runbook.inputs.iter().all(is_as_it_was)
        && runbook.code.keys().all(|path| plan.files.contains_key(path))
}

/// Returns a sentence about the files that a plan file is made from and a review of the other side does not read.
pub(super) fn not_read(one: &Subject, other: &Subject) -> Vec<String> {
    let plans =
        [(one, other), (other, one)].into_iter().filter(|(plan, other)| plan.is_file() && !other.is_file());
    plans
        .filter_map(|(plan, _)| {
            let paths: Vec<&str> =
                plan.inputs.keys().map(String::as_str).filter(|path| is_elsewhere(path)).collect();
            let files = abridged(&paths);
            (!files.is_empty())
                .then(|| format!("{} read {files}, which a comparison does not read.", plan.name))
        })
        .collect()
}
