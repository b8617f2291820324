//! Files that steps write and remove: a directory for them, and helpers.

mod changes;
mod undone;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::PathBuf;

use arcbook_engine::step::{Context, Existing, Outcome, Prior, PriorState, Receipt, StepError, Work};
use arcbook_engine::value::{Entries, Marks, Value};
use arcbook_steps::registry;
use tempfile::TempDir;

use crate::world::{Bench, RUN};

pub type Given = Vec<(&'static str, Value)>;

/// A later run, which resumes [`RUN`].
pub const LATER: &str = "20261122-111500.123-1a2b3c";

/// A directory in which the steps of one runbook change files.
pub struct Place {
    pub bench: Bench,
    directory: TempDir,
}

pub fn sensitive(value: &str) -> Value {
    Value::from(value).with_marks(&Marks::sensitive("x"))
}

impl Place {
    pub async fn new() -> Self {
        Self { bench: Bench::start().await, directory: tempfile::tempdir().unwrap() }
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, content: &str, mode: u32) {
        fs::write(self.at(name), content).unwrap();
        fs::set_permissions(self.at(name), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Returns the content and the mode of a file.
    pub fn read(&self, name: &str) -> Option<(String, u32)> {
        let mode = self.at(name).symlink_metadata().ok()?.mode() & 0o7777;
        Some((fs::read_to_string(self.at(name)).unwrap(), mode))
    }

    /// Returns the names of all files, sorted.
    pub fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub fn context(&self, runs: &[&str], before: Option<PriorState>) -> Context {
        let runs: Vec<String> = runs.iter().map(|&run| run.to_owned()).collect();
        let secrets = self.bench.secrets.clone();
        Context::new("step.file.a", self.directory.path(), secrets, |_| {}).in_runs(runs).after(before)
    }

    pub fn work(&self, given: &Given) -> Box<dyn Work> {
        let mut arguments: Entries =
            given.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        arguments.entry("path".into()).or_insert_with(|| "f".into());
        let registry = registry(&self.bench.azure);
        registry.get("file").unwrap().prepare(&arguments).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    pub async fn find(&self, given: &Given) -> Result<Existing, StepError> {
        self.work(given).find(self.context(&[RUN], None)).await
    }

    /// Does what a run does: queries the state, then makes the change, if one is needed.
    pub async fn apply(&self, given: &Given) -> Result<Applied, StepError> {
        self.resume(given, &[RUN], None).await
    }

    pub async fn resume(
        &self,
        given: &Given,
        runs: &[&str],
        before: Option<PriorState>,
    ) -> Result<Applied, StepError> {
        let work = self.work(given);
        let found = work.find(self.context(runs, before)).await?;
        let expected = work.proof();
        let prior = found.prior().cloned();
        let before = before.unwrap_or_else(|| found.before());
        let outcome = match found {
            Existing::AsWanted(outcome) => outcome,
            _ => work.run(self.context(runs, Some(before))).await?,
        };
        Ok(Applied { outcome, before, prior, expected })
    }

    pub fn undo(&self, applied: &Applied, is_confirmed: bool) -> Option<Box<dyn Work>> {
        let Applied { outcome, before, prior, expected } = applied;
        let receipt = Receipt {
            target: vec!["f".to_owned()],
            change: is_confirmed.then_some(outcome.change),
            arguments: Entries::new(),
            outputs: if is_confirmed { outcome.outputs.clone() } else { Entries::new() },
            before: *before,
            prior: prior.as_ref().map(|prior| prior.state.clone()),
            kept: prior.as_ref().and_then(|prior| prior.kept.clone()),
            proof: if is_confirmed { outcome.receipt.clone() } else { expected.clone() },
            is_accepted: false,
        };
        registry(&self.bench.azure).get("file").unwrap().undo(&receipt)
    }

    pub async fn undone(&self, applied: &Applied) -> String {
        let Some(work) = self.undo(applied, true) else { return "no undo".to_owned() };
        match work.run(self.context(&[RUN], None)).await {
            Ok(outcome) => outcome.change.as_str().to_owned(),
            Err(error) => error.summary().to_owned(),
        }
    }
}

/// A change as a record holds it.
pub struct Applied {
    pub outcome: Outcome,
    pub before: PriorState,
    pub prior: Option<Prior>,
    /// The proof that the intent recorded.
    pub expected: Option<Value>,
}

pub fn told(found: &Existing) -> String {
    match found {
        Existing::Unknown(_) => "unknown".to_owned(),
        Existing::Absent => "absent".to_owned(),
        Existing::Different(differences, _) => {
            let names: Vec<&str> =
                differences.iter().map(|difference| difference.attribute.as_str()).collect();
            names.join(" ")
        }
        Existing::Unwanted(_) => "unwanted".to_owned(),
        Existing::AsWanted(_) => "as wanted".to_owned(),
        Existing::Altered(mismatches) => {
            let names: Vec<&str> = mismatches.iter().map(|mismatch| mismatch.name.as_str()).collect();
            format!("altered: {}", names.join(" "))
        }
    }
}

pub fn content(text: &str) -> Given {
    vec![("content", text.into())]
}

pub fn secret(text: &str) -> Given {
    vec![("content", sensitive(text))]
}

pub fn mode(mode: &str) -> Given {
    vec![("mode", mode.into())]
}

pub fn absent() -> Given {
    vec![("state", "absent".into())]
}

pub fn has_digest(prior: &Prior) -> bool {
    prior.state.to_json_text().unwrap().contains("sha256")
}

pub fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}
