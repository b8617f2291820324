//! Describes who made a run, from which files, and how it was approved.

use crate::journal::RunRecord;
use crate::layout::Row;
use crate::plan::file::{FileDigest, FileFacts};
use crate::run::RunStarted;
use crate::step::few;

/// Returns rows of a label and a text.
pub fn who(run: &RunRecord<'_>) -> Vec<(&'static str, Vec<Row>)> {
    let (Some(who), Some(started)) = (run.who(), run.started) else { return Vec::new() };
    let mut rows = who.rows();
    rows.push(("From", vec![Row::of([from(started)])]));
    if let Some(lineage) = &started.resumes {
        rows.push(("Resumes", vec![Row::of([lineage.run.clone()])]));
    }
    rows
}

/// Describes the files, and names the variables.
fn from(started: &RunStarted) -> String {
    let files: Vec<String> = started.files.iter().map(file).collect();
    // A value that the user gave from outside the runbook is never quoted.
    let names: Vec<&str> = started.variables.names().collect();
    let names = if names.is_empty() { String::new() } else { format!("variables {}", few(&names)) };
    let parts = [few(&files), names];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { started.directory.clone() } else { parts.join("; ") }
}

/// Names a file with the beginning of its digest; the record holds the whole digest.
fn file(facts: &FileFacts) -> String {
    match &facts.digest {
        FileDigest::Sha256(sha256) => {
            format!("{} (sha256 {}…)", facts.path, sha256.chars().take(8).collect::<String>())
        }
        FileDigest::Seal(_) | FileDigest::Missing(()) => facts.path.clone(),
    }
}
