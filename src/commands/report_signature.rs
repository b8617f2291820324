//! Says for a report whether its record or plan file is signed.

use std::path::Path;

use arcbook_engine::attest::{Envelope, VerifyingKey};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Journal, Verdict};
use arcbook_engine::report::{Signature, SignedFile};
use arcbook_engine::source::read_plain;

use crate::saved::SavedPlan;
use crate::signing::{check_plan_at, check_record_at, claimed_end, signature_of};

/// The size limit of a signature whose keys a report names, in bytes.
const LARGEST: u64 = 64 << 20;

/// The facts about a signature, and what is wrong with it.
type Told = (Vec<SignedFile>, Option<Box<Diagnostic>>);

/// Says whether the record at `path` is signed; with a key, whether the signature holds.
///
/// A record that was cut off does not have the end that its signature names, which needs no key.
pub fn record_signature((path, journal): (&Path, &Journal), key: Option<&VerifyingKey>) -> Told {
    let head = journal.head.to_string();
    let (lines, last) = (journal.lines.len(), (!journal.lines.is_empty()).then_some(head.as_str()));
    let is_broken = matches!(journal.verdict, Verdict::Broken { .. } | Verdict::Unreadable { .. });
    let claimed = claimed_end(path).filter(|_| !is_broken);
    if let Some(reason) = claimed.and_then(|claimed| claimed.mismatch(lines, last)) {
        let reason = format!("The record was altered: {reason}.");
        let problem =
            Diagnostic::error("signature", format!("the signature of {} does not hold", path.display()));
        let problem =
            problem.detail(reason.clone()).help("take the file as it was signed; do not trust this one");
        let signature = Signature::Wrong { reason };
        return (vec![SignedFile { name: RECORD, signature, check: String::new() }], Some(problem.into()));
    }
    let checked = key.map(|key| (key, check_record_at(path, key).map(drop)));
    told(RECORD, "arcbook report RUN -key PUB", path, checked)
}

/// The record, in words.
const RECORD: &str = "the record";

/// Says whether a plan file is signed; with a key, whether the signature holds.
pub fn plan_signature(plan: &SavedPlan, key: Option<&VerifyingKey>) -> Told {
    let checked = key.map(|key| (key, check_plan_at(&plan.path, &plan.file, key).map(drop)));
    told("the plan file", "arcbook report PLAN -key PUB", &plan.path, checked)
}

fn told(
    name: &'static str,
    check: &str,
    path: &Path,
    checked: Option<(&VerifyingKey, Result<(), Box<Diagnostic>>)>,
) -> Told {
    let (signature, problem) = match checked {
        None => (unchecked(path), None),
        Some((key, Ok(()))) => (Signature::Holds { key: key.id().to_owned() }, None),
        Some((_, Err(problem))) if !signature_of(path).exists() => (Signature::Lacking, Some(problem)),
        Some((_, Err(problem))) => {
            let reason = problem.reason().unwrap_or_else(|| problem.summary.clone());
            (Signature::Wrong { reason }, Some(problem))
        }
    };
    (vec![SignedFile { name, signature, check: check.to_owned() }], problem)
}

/// Names the keys of the signature beside a file, if there is one.
fn unchecked(path: &Path) -> Signature {
    let beside = signature_of(path);
    if !beside.exists() {
        return Signature::Missing;
    }
    let envelope = read_plain(&beside, LARGEST).ok().and_then(|bytes| Envelope::read(&bytes).ok());
    let keys = envelope.iter().flat_map(Envelope::key_ids).map(str::to_owned).collect();
    Signature::Unchecked { keys }
}
