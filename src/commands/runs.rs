//! `arcbook runs`.

use std::collections::HashMap;

use arcbook_engine::journal::{Journal, RunFacts, Verdict};
use arcbook_engine::step::Setting;
use arcbook_steps::EMBEDDED_LAB;
use serde_json::json;

use super::{JournalArguments, prune};
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    journal: JournalArguments,
}

/// The commands for the records of runs.
#[derive(clap::Subcommand)]
enum Command {
    /// Remove old records, and record which ones.
    Prune(prune::Arguments),
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match &arguments.command {
        Some(Command::Prune(arguments)) => prune::perform(arguments, screen),
        None => list(arguments, screen),
    }
}

fn list(arguments: &Arguments, screen: &Screen) -> Exit {
    let directory = arguments.journal.directory();
    let runs = match directory.runs() {
        Ok(runs) => runs,
        Err(error) => return super::refused(screen, error),
    };
    if runs.is_empty() && !screen.json {
        screen.line(&format!("There are no runs in {}.", directory.path().display()));
    }
    let later = Later::of(&runs);
    for RunFacts { id, journal } in &runs {
        let (runbook, at, status) = match journal {
            Ok(journal) => facts(journal),
            Err(reason) => (String::new(), String::new(), reason.clone()),
        };
        let resumes = journal.as_ref().ok().and_then(|journal| other(journal, "resumes"));
        let undoes = journal.as_ref().ok().and_then(|journal| other(journal, "undoes"));
        let (resumed_by, undone_by) = (later.resumed(id), later.undone(id));
        let setting = journal.as_ref().ok().map(setting).unwrap_or_default();
        if screen.json {
            screen.object(&json!({
                "run": id, "runbook": runbook, "at": at, "status": status, "setting": setting,
                "resumes": resumes, "undoes": undoes, "resumed_by": resumed_by, "undone_by": undone_by,
            }));
            continue;
        }
        let lineage = [
            ("resumes", resumes.as_slice()),
            ("undoes", undoes.as_slice()),
            ("resumed by", resumed_by),
            ("undone by", undone_by),
        ];
        let lineage = lineage.iter().filter(|(_, runs)| !runs.is_empty());
        let lineage = lineage.map(|(what, runs)| format!("{what} {}", runs.join(", ")));
        let lab = setting.get(EMBEDDED_LAB).map(|_| "on the embedded lab".to_owned());
        let facts: Vec<String> = [runbook].into_iter().chain(lab).chain(lineage).collect();
        screen.line(&format!("{id}  {at:<24}  {status:<11}  {}", facts.join(", ")));
    }
    Exit::Done
}

/// The runs that resume or undo other runs.
struct Later<'a> {
    resumed: HashMap<&'a str, Vec<&'a str>>,
    undone: HashMap<&'a str, Vec<&'a str>>,
}

impl<'a> Later<'a> {
    fn of(runs: &'a [RunFacts]) -> Self {
        let mut later = Self { resumed: HashMap::new(), undone: HashMap::new() };
        for RunFacts { id, journal } in runs {
            let Ok(journal) = journal else { continue };
            if let Some(run) = other(journal, "resumes") {
                later.resumed.entry(run).or_default().push(id);
            }
            // An undo that removed nothing does not count.
            if let Some(run) = other(journal, "undoes").filter(|_| has_removed(journal)) {
                later.undone.entry(run).or_default().push(id);
            }
        }
        later
    }

    fn resumed(&self, run: &str) -> &[&'a str] {
        self.resumed.get(run).map_or(&[], Vec::as_slice)
    }

    fn undone(&self, run: &str) -> &[&'a str] {
        self.undone.get(run).map_or(&[], Vec::as_slice)
    }
}

/// Returns the run that another one `resumes` or `undoes`.
fn other<'a>(journal: &'a Journal, what: &str) -> Option<&'a str> {
    journal.event("run_started")?[what]["run"].as_str()
}

/// Returns the setting of a run.
fn setting(journal: &Journal) -> Setting {
    let setting = journal.event("run_started").map(|started| started["setting"].clone());
    setting.and_then(|setting| serde_json::from_value(setting).ok()).unwrap_or_default()
}

/// Returns whether a record contains a removal.
fn has_removed(journal: &Journal) -> bool {
    journal.records.iter().any(|record| record["event"] == "step_finished" && record["change"] == "removed")
}

/// Returns the runbook, the start time and the status of a run.
fn facts(journal: &Journal) -> (String, String, String) {
    let text = |name: &str| {
        let started = journal.event("run_started");
        started.and_then(|event| event[name].as_str()).unwrap_or_default().to_owned()
    };
    let status = match &journal.verdict {
        Verdict::Complete => {
            let finished = journal.event("run_finished");
            finished.and_then(|event| event["status"].as_str()).unwrap_or_default()
        }
        Verdict::Unfinished | Verdict::Torn => "unfinished",
        Verdict::Broken { .. } => "BROKEN",
    };
    (text("runbook"), text("at"), status.to_owned())
}
