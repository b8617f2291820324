//! Says for a report whether its record or plan file is signed.

use std::path::Path;

use arcbook_engine::attest::{Envelope, VerifyingKey};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::report::{Signature, SignedFile};
use arcbook_engine::source::read_plain;

use crate::saved::SavedPlan;
use crate::signing::{check_plan_at, check_record_at, signature_of};

/// The size limit of a signature whose keys a report names, in bytes.
const LARGEST: u64 = 64 << 20;

/// The facts about a signature, and what is wrong with it.
type Told = (Vec<SignedFile>, Option<Box<Diagnostic>>);

/// Says whether the record at `path` is signed; with a key, whether the signature holds.
pub fn record_signature(path: &Path, key: Option<&VerifyingKey>) -> Told {
    let checked = key.map(|key| (key, check_record_at(path, key).map(drop)));
    told("the record", "arcbook report RUN -key PUB", path, checked)
}

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
