//! `arcbook verify` without a run: checks the whole directory of records.

use std::collections::BTreeSet;

use arcbook_engine::attest::compare_with_claims;
use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, visible_line};
use arcbook_engine::journal::{
    Absent, Audit, Audited, Condition, Directory, Head, HeadFound, NamedBy, signed_records,
};
use arcbook_engine::plan::abridged;
use serde_json::{Value as Json, json};

use super::verify_signature::Signed;
use crate::exit::Exit;
use crate::screen::Screen;
use crate::signing::claimed_end;

/// Checks the records of `directory`, and that they are signed, if a key is given; `head` is the digest that a run
/// printed at its end.
pub fn perform(directory: &Directory, head: Option<&str>, signed: Option<&Signed>, screen: &Screen) -> Exit {
    // Without a digest, a check in a wrong directory would look like one that found nothing wrong.
    if head.is_none() && !directory.exists() {
        return super::refused(screen, directory.no_records());
    }
    let audit = match directory.audit(head) {
        Ok(mut audit) => {
            compare_with_claims(&mut audit, |run| claimed_end(&directory.file(run)));
            audit
        }
        Err(error) => return super::refused(screen, error),
    };
    let unsigned = |run: &str, condition: &Condition| signed?.problem(&directory.file(run), condition);
    let lost = || Signed::lost(&signed_records(directory.path()), &audit);
    let problems = problems_with(&audit, head, unsigned, signed.map(|_| lost()).unwrap_or_default());
    let place = directory.path().display().to_string();
    if signed.is_some() && audit.records.is_empty() && problems.is_empty() {
        return super::failed(screen, nothing_signed(&place));
    }
    let exit = if problems.is_empty() { Exit::Done } else { Exit::Failed };
    if screen.json {
        let mut object = to_json(&audit, head, problems.is_empty());
        if signed.is_some() {
            object["problems"] = problems.iter().map(Diagnostic::in_one_line).collect();
        }
        screen.object(&object);
        return exit;
    }
    say(&audit, &place, screen);
    if signed.is_some() && problems.is_empty() {
        screen.line("Each of them is signed.");
    }
    if audit.head.is_none() {
        screen.line(&visible_line(&newest(&audit)));
    }
    screen.diagnostic(problems);
    exit
}

/// Describes the limit of a check without a digest from outside.
fn newest(audit: &Audit) -> String {
    let heads: Vec<&str> = audit.heads.iter().map(|head| head.run.as_str()).collect();
    if audit.records.is_empty() {
        return "An empty directory may have lost all of its records: `verify` cannot notice that without \
                `-head SHA256`, the digest that the last run printed at its end."
            .to_owned();
    }
    let unnamed = if heads.is_empty() { "the newest record".to_owned() } else { abridged(&heads) };
    format!("No other record names {unnamed}. {LIMIT}")
}

/// The limit of a check without a digest from outside.
pub const LIMIT: &str = "`verify` cannot notice the loss of the newest records without `-head SHA256`, the digest that the \
                         last run printed at its end.";

/// Returns the numbers of records by their conditions, in one sentence.
fn count(audit: &Audit, place: &str) -> String {
    let of = |is: fn(&Condition) -> bool| audit.records.iter().filter(|record| is(&record.condition)).count();
    let intact = match of(Condition::is_intact) {
        0 if audit.records.is_empty() => format!("There are no records in {place}"),
        0 => format!("No record in {place} is intact"),
        1 => format!("1 record in {place} is intact"),
        count => format!("{count} records in {place} are intact"),
    };
    let mut parts = vec![intact];
    let mut add = |count: usize, one: &str, several: &str| match count {
        0 => {}
        1 => parts.push(format!("1 {one}")),
        count => parts.push(format!("{count} {several}")),
    };
    add(of(|condition| matches!(condition, Condition::Altered(_))), "is altered", "are altered");
    add(of(|condition| matches!(condition, Condition::Unreadable(_))), "cannot be read", "cannot be read");
    add(audit.missing().count(), "is missing", "are missing");
    if audit.head == Some(HeadFound::Lost) && !audit.records.is_empty() {
        parts.push("and none has the given digest".to_owned());
    }
    parts.join(", ") + "."
}

/// Returns the records that name an absent one, with the digests by which they do.
fn named(absent: &Absent) -> String {
    let named = absent.named_by.iter();
    let named = named.map(|NamedBy { runs, sha256 }| format!("{}, by the digest {sha256}", abridged(runs)));
    named.collect::<Vec<_>>().join("; and by ")
}

/// Prints the result of a check of the records in `place`, each sentence on one line: names come from elsewhere.
pub fn say(audit: &Audit, place: &str, screen: &Screen) {
    let say = |sentence: String| screen.line(&visible_line(&sentence));
    let intact: Vec<&Audited> = audit.records.iter().filter(|record| record.condition.is_intact()).collect();
    say(count(audit, place));
    let unfinished = intact.iter().filter(|record| record.condition == Condition::Unfinished);
    let unfinished: Vec<&str> = unfinished.map(|record| record.run.as_str()).collect();
    if !unfinished.is_empty() {
        let runs = abridged(&unfinished);
        say(format!("Not ended, because the run is still running or was killed: {runs}."));
    }
    let empty = audit.records.iter().filter(|record| record.condition == Condition::Empty);
    let empty: Vec<&str> = empty.map(|record| record.run.as_str()).collect();
    if !empty.is_empty() {
        let runs = abridged(&empty);
        say(format!(
            "Without a line, because its writer was killed before it wrote one, or the file was emptied: {runs}."
        ));
    }
    if !audit.ignored.is_empty() {
        say(format!("Ignored, because they are no records: {}.", abridged(&audit.ignored)));
    }
    for Absent { run, named_by, pruned_by } in audit.pruned() {
        let prune = pruned_by.as_deref().unwrap_or_default();
        let by: BTreeSet<&String> = named_by.iter().flat_map(|named| &named.runs).collect();
        let by = abridged(&by.into_iter().collect::<Vec<_>>());
        say(format!("Pruned: {run}, named by {by}; removed by {prune}."));
    }
    match &audit.head {
        Some(HeadFound::Here(run)) => say(format!("The record of {run} has the given digest.")),
        Some(HeadFound::Pruned(prune)) => {
            say(format!("The record with the given digest was removed by {prune}."));
        }
        Some(HeadFound::Lost) | None => {}
    }
}

/// Returns an error for each record that is missing or not intact, for what `signature` finds in a record, and for the
/// `lost` ones, in the order of the records; then for a head that is not there.
pub fn problems_with(
    audit: &Audit,
    head: Option<&str>,
    signature: impl Fn(&str, &Condition) -> Option<Diagnostic>,
    lost: Vec<(String, Diagnostic)>,
) -> Diagnostics {
    let mut found = lost;
    for Audited { run, condition, .. } in &audit.records {
        found.extend(signature(run, condition).map(|problem| (run.clone(), problem)));
        let problem = match condition {
            Condition::Whole | Condition::Unfinished | Condition::Empty => continue,
            Condition::Altered(reason) => format!("the record of {run} was altered: {reason}"),
            Condition::Unreadable(reason) => format!("the record of {run} cannot be read: {reason}"),
        };
        found.push((run.clone(), Diagnostic::error("record-not-whole", problem)));
    }
    for absent in audit.missing() {
        let summary = format!("the record of {} is missing", absent.run);
        let detail = visible_line(&format!("It is named by {}.", named(absent)));
        let help =
            "restore it beside the others; `arcbook runs prune` removes records so that they are not missed";
        let problem = Diagnostic::error("record-missing", summary).detail(detail).help(help);
        found.push((absent.run.clone(), problem));
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut problems: Diagnostics = found.into_iter().map(|(_, problem)| problem).collect();
    if let Some(head) = head.filter(|_| audit.head == Some(HeadFound::Lost)) {
        let summary = format!("no record here has the digest {}", head.to_ascii_lowercase());
        problems.push(
            Diagnostic::error("record-missing", summary)
                .detail("The record of that run was removed, altered or cut off, and newer ones may be lost with it.")
                .help("check that the digest is of a run in this directory (`-journal DIR`)"),
        );
    }
    problems
}

/// Returns the error of a place without a record: there is nothing of which a signature could be checked.
pub fn nothing_signed(place: &str) -> Diagnostic {
    let summary = format!("there is no record in {place} whose signature could be checked");
    Diagnostic::error("record-missing", summary).help("name the directory with the records: `-journal DIR`")
}

/// Returns the audit for tools.
pub fn to_json(audit: &Audit, head: Option<&str>, is_whole: bool) -> Json {
    let record = |Audited { run, lines, sha256, condition }: &Audited| {
        let (condition, reason) = match condition {
            Condition::Whole => ("whole", None),
            Condition::Unfinished => ("unfinished", None),
            Condition::Empty => ("empty", None),
            Condition::Altered(reason) => ("altered", Some(reason)),
            Condition::Unreadable(reason) => ("unreadable", Some(reason)),
        };
        let digest = sha256.map(|digest| digest.to_string());
        json!({ "run": run, "condition": condition, "reason": reason, "records": lines, "digest": digest })
    };
    let absent = |Absent { run, named_by, pruned_by }: &Absent| {
        let named_by = named_by.iter().map(|named| json!({ "digest": named.sha256, "runs": named.runs }));
        json!({ "run": run, "named_by": named_by.collect::<Vec<_>>(), "pruned_by": pruned_by })
    };
    let ends = |Head { run, sha256, .. }: &Head| json!({ "run": run, "digest": sha256 });
    json!({
        "whole": is_whole,
        "records": audit.records.iter().map(record).collect::<Vec<_>>(),
        "missing": audit.missing().map(absent).collect::<Vec<_>>(),
        "pruned": audit.pruned().map(absent).collect::<Vec<_>>(),
        "ignored": audit.ignored,
        "heads": audit.heads.iter().map(ends).collect::<Vec<_>>(),
        "head": audit.head.as_ref().map(|found| {
            let (run, pruned_by) = match found {
                HeadFound::Here(run) => (Some(run), None),
                HeadFound::Pruned(prune) => (None, Some(prune)),
                HeadFound::Lost => (None, None),
            };
            json!({ "digest": head.map(str::to_ascii_lowercase), "run": run, "pruned_by": pruned_by })
        }),
    })
}
