//! Reads the results of steps from the journals of a chain.

use std::collections::HashMap;

use super::history::{Of, lineage};
use super::{Directory, JournalError, RunRecord, StepResult};
use crate::plan::{KnownResult, KnownResults, Recorded, Source};
use crate::redact::Secrets;

/// Returns the results of steps in the run that `name` refers to and in those that it resumed; `latest` is
/// the newest run of the runbook with that name and directory. The `secrets` are redacted, as they were then.
///
/// A journal that was changed after the run is refused.
pub fn known_results(
    directory: &Directory,
    name: &str,
    runbook: (&str, &str),
    secrets: &Secrets,
) -> Result<KnownResults, JournalError> {
    let lineage = lineage(directory, name, Of::Runbook(&[runbook.0], runbook.1))?;
    let mut answers = KnownResults::new(Source::Run(lineage[0].0.clone()), secrets.clone());
    let mut fingerprints = HashMap::new();
    for (_, journal) in lineage.iter().rev() {
        read(&RunRecord::of(journal), &mut fingerprints, &mut answers);
    }
    Ok(answers)
}

/// Adds the results in a record, replacing older ones; `fingerprints` belong to steps that have begun.
fn read(run: &RunRecord<'_>, fingerprints: &mut HashMap<String, Option<String>>, answers: &mut KnownResults) {
    for (&address, step) in &run.steps {
        if let Some(started) = &step.started {
            fingerprints.insert(address.to_owned(), started.fingerprint.map(ToOwned::to_owned));
        }
        let Some(ending) = &step.ending else { continue };
        let answer = match ending.result {
            StepResult::Finished { outputs, .. } | StepResult::Recalled { outputs, .. } => {
                let fingerprint = fingerprints.get(address).cloned().flatten();
                KnownResult::Recorded(Recorded { fingerprint, outputs: outputs.clone() })
            }
            StepResult::Failed { .. } => KnownResult::Missing("it failed then".to_owned()),
            StepResult::Skipped { .. } => KnownResult::Missing("it did not run then".to_owned()),
        };
        answers.insert(address, answer);
    }
}
