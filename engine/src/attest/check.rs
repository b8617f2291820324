//! Signs plan files and records, and checks their signatures.

use sha2::{Digest as _, Sha256};

use super::predicate::{PLAN, RECORD, REMOVAL};
use super::statement::Statement;
use super::{
    AttestError, Envelope, PlanPredicate, RecordPredicate, RemovalPredicate, SignedRecord, SigningKey,
    VerifyingKey,
};
use crate::journal::{Journal, Removal};
use crate::plan::file::{FileDigest, FileFacts, PlanFile};

/// Signs a plan file that is called `name`.
#[must_use]
pub fn sign_plan(name: &str, file: &PlanFile, key: &SigningKey) -> Envelope {
    let statement = Statement::write(name, &file.sha256(), PLAN, PlanPredicate::of(file));
    Envelope::sign(statement.as_bytes(), key)
}

/// Signs the record in a file that is called `name`, which has these bytes; none if it has no start.
#[must_use]
pub fn sign_record(name: &str, bytes: &[u8], key: &SigningKey) -> Option<Envelope> {
    let sha256 = sha256(bytes);
    let statement = match described(bytes)? {
        SignedRecord::Run(run) => Statement::write(name, &sha256, RECORD, *run),
        SignedRecord::Removal(removal) => Statement::write(name, &sha256, REMOVAL, *removal),
    };
    Some(Envelope::sign(statement.as_bytes(), key))
}

/// Describes a record, which says itself whether it is that of a run or of a removal; none if it has no start.
fn described(bytes: &[u8]) -> Option<SignedRecord> {
    let of_run = RecordPredicate::of(&Journal::parse(bytes));
    let of_removal = || RemovalPredicate::of(&Removal::parse(bytes));
    of_run
        .map(|run| SignedRecord::Run(run.into()))
        .or_else(|| of_removal().map(|removal| SignedRecord::Removal(removal.into())))
}

/// Checks the signature of a plan file; returns the signed statement.
pub fn check_plan(
    envelope: &[u8],
    file: &PlanFile,
    key: &VerifyingKey,
) -> Result<PlanPredicate, AttestError> {
    let payload = Envelope::read(envelope)?.verify(key)?;
    let signed = Statement::<PlanPredicate>::read(&payload, PLAN, &file.sha256())?.predicate;
    let found = PlanPredicate::of(file);
    let parts = [
        ("version of arcbook", signed.arcbook == found.arcbook),
        ("runbook", signed.runbook == found.runbook),
        ("author", signed.made == found.made),
        ("machine", signed.bound == found.bound),
        // Another version may sum up a plan in another way.
        ("access", signed.permits == found.permits || signed.arcbook != env!("CARGO_PKG_VERSION")),
    ];
    agree(&parts).map(|()| signed)
}

/// Checks the signature of a record, which has these bytes; returns the signed statement.
pub fn check_record(envelope: &[u8], bytes: &[u8], key: &VerifyingKey) -> Result<SignedRecord, AttestError> {
    let payload = Envelope::read(envelope)?.verify(key)?;
    match described(bytes).ok_or(AttestError::Disagrees("run"))? {
        SignedRecord::Run(found) => {
            let signed = Statement::read(&payload, RECORD, &sha256(bytes))?.predicate;
            check_run(&signed, &found).map(|()| SignedRecord::Run(signed.into()))
        }
        SignedRecord::Removal(found) => {
            let signed = Statement::read(&payload, REMOVAL, &sha256(bytes))?.predicate;
            check_removal(&signed, &found).map(|()| SignedRecord::Removal(signed.into()))
        }
    }
}

fn check_run(signed: &RecordPredicate, found: &RecordPredicate) -> Result<(), AttestError> {
    agree(&[
        ("run", signed.run == found.run),
        ("runbook", signed.runbook == found.runbook),
        ("plan", signed.plan == found.plan),
        ("policy", signed.policies == found.policies),
        ("approval", signed.approved == found.approved),
        ("end", (&signed.head, signed.status) == (&found.head, found.status)),
    ])
}

fn check_removal(signed: &RemovalPredicate, found: &RemovalPredicate) -> Result<(), AttestError> {
    agree(&[
        ("removal", signed.run == found.run),
        ("approval", signed.approved == found.approved),
        ("list of records", signed.removes == found.removes),
        ("end", signed.head == found.head),
    ])
}

/// Checks that a run executed a plan file: its record names the digest of the file, and the runbook was the same.
pub fn check_run_of_plan(journal: &Journal, file: &PlanFile) -> Result<(), AttestError> {
    let started = journal.started().ok_or(AttestError::Disagrees("run"))?;
    let planned: Vec<&FileDigest> = file.sources().iter().map(|FileFacts { digest, .. }| digest).collect();
    let given = file.sha256();
    match &started.plan {
        None => return Err(AttestError::NoPlan),
        Some(executed) if *executed != given => {
            return Err(AttestError::OtherPlan { executed: executed.clone(), given });
        }
        Some(_) => {}
    }
    let parts = [
        ("runbook", started.runbook == file.listing().runbook),
        ("content of the runbook", started.files.iter().all(|facts| planned.contains(&&facts.digest))),
    ];
    agree(&parts)
}

fn agree(parts: &[(&'static str, bool)]) -> Result<(), AttestError> {
    match parts.iter().find(|(_, is_same)| !is_same) {
        Some((part, _)) => Err(AttestError::Disagrees(part)),
        None => Ok(()),
    }
}

fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}
