//! Reads the results of steps from the journals of a chain.

use std::collections::HashMap;

use serde_json::Value as Json;

use super::history::{Of, lineage};
use super::{Directory, Journal, JournalError};
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
        read(journal, &mut fingerprints, &mut answers);
    }
    Ok(answers)
}

/// Adds the results in a journal, replacing older ones; `fingerprints` belong to steps that have begun.
fn read(journal: &Journal, fingerprints: &mut HashMap<String, Option<String>>, answers: &mut KnownResults) {
    let text = |record: &Json, name: &str| record[name].as_str().map(ToOwned::to_owned);
    for record in &journal.records {
        let Some(step) = text(record, "step") else { continue };
        let answer = match record["event"].as_str().unwrap_or_default() {
            "step_started" => {
                fingerprints.insert(step, text(record, "fingerprint"));
                continue;
            }
            "step_finished" | "step_recalled" => KnownResult::Recorded(Recorded {
                fingerprint: fingerprints.get(&step).cloned().flatten(),
                outputs: record["outputs"].clone(),
            }),
            "step_failed" => KnownResult::Missing("it failed then".to_owned()),
            "step_skipped" => KnownResult::Missing("it did not run then".to_owned()),
            _ => continue,
        };
        answers.insert(step, answer);
    }
}
