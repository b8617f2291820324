//! Says whether the record is whole, and what it is of.

use super::{ReportedRun, SignedFile, signature};
use crate::diagnostic::Style;
use crate::journal::Verdict;
use crate::layout::{Ink, Page, Row};
use crate::plan::file::{FileDigest, FileFacts};
use crate::policy::PolicyFile;

/// Writes the verdict about the record, its digest, the plan that it is of, and the files that it was made from.
pub fn page(run: &ReportedRun<'_>) -> Page {
    let mut page = Page::new(Style::default());
    let journal = run.journal;
    let (ink, verdict) = match &journal.verdict {
        Verdict::Complete => {
            (Ink::Green, "The record is whole: each line follows from the one before it.".to_owned())
        }
        Verdict::Unfinished => (
            Ink::Yellow,
            "The record is intact, and the run has not ended: it still runs, or was killed.".to_owned(),
        ),
        Verdict::Torn => {
            (Ink::Yellow, "The last line is cut off: the run was killed while writing it.".to_owned())
        }
        Verdict::Broken { line, reason } => (
            Ink::Red,
            format!("The record is broken at line {line}: {reason}. This report ends before that line."),
        ),
        Verdict::Unreadable { line, reason } => {
            (Ink::Red, format!("Line {line} cannot be read: {reason}. This report ends before that line."))
        }
    };
    page.inked(0, ink, verdict);
    page.labelled("Records", &journal.lines.len().to_string());
    page.labelled("Last line", &format!("sha256 {}", journal.head));
    if let Some(plan) = plan(run) {
        page.labelled("Plan file", &plan);
    }
    signature::write(&mut page, &run.signatures);
    if let Some(mismatch) = run.mismatch() {
        page.inked(0, Ink::Red, mismatch);
    }
    page.prose(if is_signed(run) { SIGNED } else { UNSIGNED });
    if let Some(started) = run.run.started {
        let rows: Vec<Row> = started.files.iter().chain(&started.read).map(file).collect();
        page.columns("Files", &["file", "sha256"], rows);
        let policy = |policy: &PolicyFile| Row::of([policy.file.clone(), policy.sha256.clone()]);
        page.columns("Policies", &["policy", "sha256"], started.policies.iter().map(policy).collect());
    }
    page
}

/// The limit of the check of a record whose signature nobody has checked.
const UNSIGNED: &str = "Whoever can write a record can write all of it anew. Compare the sha256 of the last line with the one \
    that the run printed: `arcbook verify RUN -digest SHA256`.";

/// The meaning of a signature that holds.
const SIGNED: &str =
    "Only somebody with the private key of its signature could have written the record anew.";

/// Returns true if the signature of the record was checked and holds; the record is the first of the files.
fn is_signed(run: &ReportedRun<'_>) -> bool {
    run.signatures.first().is_some_and(SignedFile::holds)
}

/// Says which plan file the run executed, and whether it is the given one.
fn plan(run: &ReportedRun<'_>) -> Option<String> {
    let executed = run.run.started?.plan.as_deref();
    let given = run.plan.as_ref().and_then(|plan| plan.sha256);
    Some(match (executed, given) {
        (None, None) => return None,
        (None, Some(_)) => {
            "the run executed none; the plan file given with -plan is for comparison".to_owned()
        }
        (Some(executed), None) => format!("sha256 {executed}"),
        (Some(executed), Some(given)) if executed == given => {
            format!("sha256 {executed}: the plan file given with -plan")
        }
        (Some(executed), Some(given)) => {
            format!("sha256 {executed}: not the plan file given with -plan, whose sha256 is {given}")
        }
    })
}

fn file(facts: &FileFacts) -> Row {
    let digest = match &facts.digest {
        FileDigest::Sha256(sha256) => sha256.clone(),
        FileDigest::Seal(_) => "(sealed, because it holds a secret)".to_owned(),
        FileDigest::Missing(()) => "(not there yet)".to_owned(),
    };
    Row::of([facts.path.clone(), digest])
}
