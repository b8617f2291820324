//! `arcbook verify -key`: checks signatures.

use std::path::{Path, PathBuf};

use arcbook_engine::attest::{PlanPredicate, RecordPredicate, VerifyingKey, check_run_of_plan};
use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Audit, Condition, Directory, Journal, signed_records};
use serde_json::{Value as Json, json};

use crate::exit::Exit;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::signing::{check_plan_at, check_record_at, does_not_hold, verifying_key};

/// The options of the check.
#[derive(clap::Args)]
pub struct KeyArguments {
    /// Check that everything is signed with this Ed25519 public key in PEM; the argument may then be a plan file too.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    key: Option<PathBuf>,
    /// Check that the run executed this plan file, which is signed too.
    #[arg(long, value_name = "FILE", requires = "key", requires = "run")]
    plan: Option<PathBuf>,
}

/// The key and the plan file to check against.
pub struct Signed {
    key: VerifyingKey,
    plan: Option<(PathBuf, SavedPlan)>,
}

impl KeyArguments {
    /// Reads the key and the plan file; none if no key is given.
    pub fn read(&self) -> Result<Option<Signed>, Box<Diagnostic>> {
        let Some(key) = &self.key else { return Ok(None) };
        let key = verifying_key(key)?;
        let plan = match &self.plan {
            None => None,
            Some(path) => match SavedPlan::open(path)? {
                Some(plan) => Some((path.clone(), plan)),
                None => return Err(no_plan(path)),
            },
        };
        Ok(Some(Signed { key, plan }))
    }
}

fn no_plan(path: &Path) -> Box<Diagnostic> {
    let summary = format!("{} is no plan file", path.display());
    Diagnostic::error("not-a-plan", summary)
        .help("name the file that `arcbook plan -out FILE -sign KEY` wrote")
        .into()
}

impl Signed {
    /// Checks a plan file, and prints what is signed.
    pub fn plan(&self, plan: &SavedPlan, screen: &Screen) -> Exit {
        match check_plan_at(&plan.path, &plan.file, &self.key) {
            Ok(predicate) => {
                if screen.json {
                    let statement = serde_json::to_value(&predicate).unwrap_or_default();
                    screen.object(&json!({ "signed": true, "key": self.key.id(), "plan": statement }));
                } else {
                    Self::say_plan(&predicate, plan, screen);
                }
                Exit::Done
            }
            Err(diagnostic) => self.refuse(*diagnostic, screen),
        }
    }

    fn say_plan(predicate: &PlanPredicate, plan: &SavedPlan, screen: &Screen) {
        let (made, permits) = (&predicate.made, &predicate.permits);
        screen.line(&format!("The plan is signed: sha256 {}.", plan.file.sha256()));
        screen.line(&format!("Made by {} at {}, for {}.", made.by, made.at, predicate.bound));
        let counts = [
            (permits.permissions.len(), "permission"),
            (permits.hosts.len(), "host"),
            (permits.secrets.len(), "end of a secret"),
            (permits.files.len(), "use of a file"),
            (permits.programs.len(), "program"),
            (permits.statements.len(), "statement"),
        ];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        let some: Vec<String> = some.map(|(count, noun)| format!("{noun} ({count})")).collect();
        if !some.is_empty() {
            screen.line(&format!("It permits, and the signature lists: {}.", some.join(", ")));
        }
    }

    fn refuse(&self, diagnostic: Diagnostic, screen: &Screen) -> Exit {
        if screen.json {
            let problem = diagnostic.reason().map_or_else(
                || diagnostic.summary.clone(),
                |reason| format!("{}: {reason}", diagnostic.summary),
            );
            screen.object(&json!({ "signed": false, "key": self.key.id(), "problem": problem }));
            return Exit::Failed;
        }
        super::failed(screen, diagnostic)
    }

    /// Checks the signature of an intact record, and that the run executed the plan file, if one is given.
    pub fn record(&self, path: &Path, journal: &Journal) -> Result<RecordPredicate, Box<Diagnostic>> {
        let predicate = check_record_at(path, &self.key)?;
        if let Some((file, plan)) = &self.plan {
            check_plan_at(file, &plan.file, &self.key)?;
            check_run_of_plan(journal, &plan.file).map_err(|error| {
                let mut diagnostic = does_not_hold(path, error);
                diagnostic.summary = format!("the run {} did not execute {}", predicate.run, file.display());
                diagnostic
            })?;
        }
        Ok(predicate)
    }

    /// Returns the facts of a signed record for tools.
    pub fn json(&self, predicate: &RecordPredicate) -> Json {
        json!({ "key": self.key.id(), "record": predicate })
    }

    /// Says what is signed.
    pub fn say(&self, predicate: &RecordPredicate, screen: &Screen) {
        let approved = &predicate.approved;
        screen.line(&format!(
            "It is signed: run by {}, approved {}.",
            approved.by,
            approved.approval.words()
        ));
        match (&predicate.plan, &self.plan) {
            (Some(plan), Some((path, _))) => {
                screen.line(&format!("It executed {} (sha256 {plan}), which is signed too.", path.display()));
            }
            (Some(plan), None) => screen.line(&format!("It executed the plan with the sha256 {plan}.")),
            (None, _) => screen.line("It executed no plan file."),
        }
    }

    /// Returns what is wrong with the signature of a record in a directory, if it is intact.
    pub fn problem(&self, directory: &Directory, run: &str, condition: &Condition) -> Option<Diagnostic> {
        if !condition.is_intact() {
            return None;
        }
        check_record_at(&directory.file(run), &self.key).err().map(|diagnostic| *diagnostic)
    }

    /// Returns the signed records of a directory that are not there, and that no record says were removed.
    pub fn lost(directory: &Directory, audit: &Audit) -> Vec<Diagnostic> {
        let is_there = |run: &String| audit.records.iter().any(|record| record.run == *run);
        let is_told = |run: &String| audit.absent.iter().any(|absent| absent.run == *run);
        let lost = signed_records(directory.path()).into_iter().filter(|run| !is_there(run) && !is_told(run));
        let missing = |run: String| {
            let summary = format!("the record of {run} is missing");
            Diagnostic::error("record-missing", summary)
                .detail("Its signature is there.")
                .help("restore it beside its signature")
        };
        lost.map(missing).collect()
    }
}
