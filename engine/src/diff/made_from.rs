//! Defines the origin of a plan file.

use std::collections::BTreeMap;

use super::code::by_path;
use crate::plan::file::{FileDigest, PlanFile};
use crate::plan::{Named, SelectionFacts, Source};

/// The origin of a plan file, besides the values that it does not hold.
pub(super) struct MadeFrom {
    /// The SHA-256 of the plan file.
    pub sha256: String,
    /// The digests of its files, by their paths: of the runbook, of values, of what functions read and steps use.
    pub files: BTreeMap<String, FileDigest>,
    /// The values of the variables.
    pub variables: Named,
    /// True if its files and variables decide about everything in it: no answer of a service, no value that it
    /// withholds, and no step left aside by a selection.
    pub is_whole: bool,
}

impl MadeFrom {
    pub fn of(file: &PlanFile) -> Self {
        let is_whole = file.withheld().next().is_none()
            && matches!(file.source(), Source::Nobody)
            && *file.selection() == SelectionFacts::default();
        Self {
            sha256: file.sha256(),
            files: by_path(file.sources().to_vec()),
            variables: file.listing().variables.clone(),
            is_whole,
        }
    }
}
