//! `arcbook verify -key`: checks signatures.

use std::path::{Path, PathBuf};

use arcbook_engine::attest::{
    Approved, PlanPredicate, RecordPredicate, SignedRecord, VerifyingKey, check_run_of_plan,
};
use arcbook_engine::diagnostic::{Diagnostic, visible_line};
use arcbook_engine::journal::{Audit, Condition, Journal};
use serde_json::{Value as Json, json};

use crate::exit::Exit;
use crate::progress::plural;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::shell::quoted;
use crate::signing::{check_plan_at, check_record_at, does_not_hold, signature_of, verifying_key};

/// The options of the check.
#[derive(clap::Args)]
pub struct KeyArguments {
    /// Check that everything is signed with this Ed25519 public key in PEM; the argument may then be a plan file too.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Check that the run executed this plan file, which is signed too.
    #[arg(long, value_name = "FILE", requires = "key", requires = "run")]
    plan: Option<PathBuf>,
    /// The public key of whoever signed that plan file; by default, that of `-key`.
    #[arg(long, value_name = "FILE", requires = "plan")]
    plan_key: Option<PathBuf>,
}

/// The key and the plan file to check against.
pub struct Signed {
    key: VerifyingKey,
    plan: Option<ExpectedPlan>,
}

/// The plan file that a run is to have executed, and the key of its signature.
struct ExpectedPlan {
    path: PathBuf,
    saved: SavedPlan,
    key: VerifyingKey,
}

impl KeyArguments {
    /// Reads the key and the plan file; none if no key is given.
    pub fn read(&self) -> Result<Option<Signed>, Box<Diagnostic>> {
        let Some(key) = &self.key else { return Ok(None) };
        let key = verifying_key(key)?;
        let plan = match &self.plan {
            None => None,
            Some(path) => match SavedPlan::open(path)? {
                Some(saved) => {
                    let key = self.plan_key.as_deref().map_or_else(|| Ok(key.clone()), verifying_key)?;
                    Some(ExpectedPlan { path: path.clone(), saved, key })
                }
                None => return Err(no_plan(path)),
            },
        };
        Ok(Some(Signed { key, plan }))
    }
}

/// Returns the error of a record that nobody signed because its run has not ended, for this reason.
fn not_ended(path: &Path, reason: &str) -> Diagnostic {
    Diagnostic::error("signature", format!("{} is not signed", path.display()))
        .detail(reason)
        .help("resume the run, or find out what it did with `arcbook show`; `arcbook verify` without `-key` checks its lines")
}

/// Returns the error of a file that is no plan file.
pub fn no_plan(path: &Path) -> Box<Diagnostic> {
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
            (permits.permissions.len(), "permission", "permissions"),
            (permits.hosts.len(), "host", "hosts"),
            (permits.secrets.len(), "end of a secret", "ends of secrets"),
            (permits.files.len(), "use of a file", "uses of files"),
            (permits.programs.len(), "program", "programs"),
            (permits.statements.len(), "statement", "statements"),
        ];
        let some = counts.iter().filter(|(count, ..)| *count > 0);
        let some: Vec<String> = some
            .map(|(count, one, several)| format!("{count} {}", if *count == 1 { one } else { several }))
            .collect();
        if !some.is_empty() {
            let path = quoted(&plan.path.to_string_lossy());
            screen.line(&format!("It permits {}: `arcbook show {path}` lists them.", some.join(", ")));
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
    pub fn record(&self, path: &Path) -> Result<SignedRecord, Box<Diagnostic>> {
        let signed = check_record_at(path, &self.key)?;
        if let Some(ExpectedPlan { path: file, saved, key }) = &self.plan {
            check_plan_at(file, &saved.file, key)?;
            let journal = Journal::read(path).map_err(|error| Box::new(error.into()))?;
            check_run_of_plan(&journal, &saved.file).map_err(|error| {
                let mut diagnostic = does_not_hold(path, error);
                let run = journal.started().map_or("", |started| started.run.as_str());
                diagnostic.summary = format!("the run {run} did not execute {}", file.display());
                diagnostic
            })?;
        }
        Ok(signed)
    }

    /// Returns the facts of a signed record for tools.
    pub fn json(&self, record: &SignedRecord) -> Json {
        json!({ "key": self.key.id(), "record": record })
    }

    /// Says what is signed.
    pub fn say(&self, record: &SignedRecord, screen: &Screen) {
        let say = |what: &str, Approved { by, approval, .. }: &Approved| {
            screen.line(&visible_line(&format!(
                "It is signed: {what} by {by}, approved {}.",
                approval.words()
            )));
        };
        match record {
            SignedRecord::Run(run) => {
                say("run", &run.approved);
                self.say_plan_of(run, screen);
            }
            SignedRecord::Removal(removal) => {
                let count = plural(removal.removes.len(), "record");
                say(&format!("removal of {count}"), &removal.approved);
            }
        }
    }

    fn say_plan_of(&self, predicate: &RecordPredicate, screen: &Screen) {
        match (&predicate.plan, &self.plan) {
            (Some(plan), Some(ExpectedPlan { path, key, .. })) => {
                let (path, key) = (path.display(), key.id());
                screen.line(&format!("It executed {path} (sha256 {plan}), which the key {key} signed."));
            }
            (Some(plan), None) => screen.line(&format!("It executed the plan with the sha256 {plan}.")),
            (None, _) => screen.line("It executed no plan file."),
        }
        if let Some(signature) = &predicate.approved.plan_signature {
            let line = format!("The run required the signature of this plan: {signature}.");
            screen.line(&visible_line(&line));
        }
    }

    /// Returns what is wrong with the signature of the record at `path`, if it is intact.
    pub fn problem(&self, path: &Path, condition: &Condition) -> Option<Diagnostic> {
        let is_signed = || signature_of(path).exists();
        match condition {
            Condition::Altered(_) | Condition::Unreadable(_) => return None,
            Condition::Unfinished if !is_signed() => {
                return Some(not_ended(
                    path,
                    "Its run has not ended: it is still running, or it was killed.",
                ));
            }
            Condition::Empty if !is_signed() => {
                let reason =
                    "It has no line: its run was killed before it wrote one, or the file was emptied.";
                return Some(not_ended(path, reason));
            }
            Condition::Whole | Condition::Unfinished | Condition::Empty => {}
        }
        check_record_at(path, &self.key).err().map(|diagnostic| *diagnostic)
    }

    /// Returns an error for each of the signed records that is not there, and that no record says was removed.
    pub fn lost(signed: &[String], audit: &Audit) -> Vec<(String, Diagnostic)> {
        let is_there = |run: &String| audit.records.iter().any(|record| record.run == *run);
        let is_told = |run: &String| audit.absent.iter().any(|absent| absent.run == *run);
        let lost = signed.iter().filter(|run| !is_there(run) && !is_told(run));
        let missing = |run: &String| {
            let summary = visible_line(&format!("the record of {run} is missing"));
            let problem = Diagnostic::error("record-missing", summary)
                .detail("Its signature is there.")
                .help("restore it beside its signature");
            (run.clone(), problem)
        };
        lost.map(missing).collect()
    }
}
