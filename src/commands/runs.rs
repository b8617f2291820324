//! `arcbook runs`.

use std::collections::{BTreeMap, HashMap};

use arcbook_engine::diagnostic::visible_line;
use arcbook_engine::journal::{Journal, RunFacts, RunRecord, Verdict};
use arcbook_engine::layout::{one_line, width};
use arcbook_engine::step::Setting;
use arcbook_steps::EMBEDDED_LAB;
use serde_json::json;

use super::{JournalArguments, block_on, failed, prune, runs_from, ship};
use crate::exit::Exit;
use crate::from::{self, FromArguments};
use crate::screen::{Screen, columns};

#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    from: FromArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

/// The commands for the records of runs.
#[derive(clap::Subcommand)]
enum Command {
    /// Remove old records, and record which ones.
    Prune(prune::Arguments),
    /// Upload the closed records that are not at their place outside of the machine yet.
    Ship(ship::Arguments),
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match &arguments.command {
        Some(Command::Prune(arguments)) => prune::perform(arguments, screen),
        Some(Command::Ship(arguments)) => ship::perform(arguments, screen),
        None => match &arguments.from.from {
            Some(place) => list_from(place, screen),
            None => list(arguments, screen),
        },
    }
}

fn list_from(place: &str, screen: &Screen) -> Exit {
    match block_on(from::open(place, screen)) {
        Ok(Ok(source)) => runs_from::perform(&source, screen),
        Ok(Err(exit)) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

fn list(arguments: &Arguments, screen: &Screen) -> Exit {
    let directory = arguments.journal.directory();
    let runs = match directory.runs() {
        Ok(runs) => runs,
        Err(error) => return super::refused(screen, error),
    };
    if runs.is_empty() && !screen.json {
        screen.line(&visible_line(&format!("There is nothing to list: {}.", directory.no_records())));
    }
    let later = Later::of(&runs);
    for RunFacts { id, journal } in &runs {
        let (runbook, at, status) = match journal {
            Ok(journal) => facts(journal),
            Err(reason) => (String::new(), String::new(), reason.clone()),
        };
        let resumes = journal.as_ref().ok().and_then(resumed);
        let undoes = journal.as_ref().ok().and_then(undone);
        let (resumed_by, undone_by) = (later.resumed(id), later.undone(id));
        let setting = journal
            .as_ref()
            .ok()
            .and_then(Journal::started)
            .map(|started| started.setting.clone())
            .unwrap_or_default();
        if screen.json {
            let record = journal.as_ref().ok().map(RunRecord::of);
            let who = record.as_ref().and_then(RunRecord::who);
            let by = who.as_ref().map(|who| &who.started.by);
            let approval = who.as_ref().map(|who| who.started.approval);
            let principals: BTreeMap<&str, &Setting> = who
                .iter()
                .flat_map(|who| &who.actors)
                .map(|acted| (acted.acts_as, &acted.principal))
                .collect();
            screen.object(&json!({
                "run": id, "runbook": runbook, "at": at, "status": status, "setting": setting,
                "by": by, "approval": approval, "principals": principals,
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
        let facts = one_line(&facts.join(", "));
        row(screen, (id, &at, &status), &facts);
    }
    Exit::Done
}

/// Prints the row of a run. On a narrow screen, the time has no fractions of a second, and facts that have no room stand
/// below.
fn row(screen: &Screen, (id, at, status): (&str, &str, &str), facts: &str) {
    let whole = visible_line(&format!("{id}  {at:<24}  {status:<11}  {facts}"));
    let Some(columns) = columns().filter(|columns| width(&whole) > *columns) else {
        return screen.line(&whole);
    };
    let second = at.split_once('.').map_or_else(|| at.to_owned(), |(second, _)| format!("{second}Z"));
    let start = format!("{id}  {second:<20}  {status:<11}");
    let short = visible_line(&format!("{start}  {facts}"));
    if width(&short) <= columns {
        return screen.line(&short);
    }
    let (runbook, more) = facts.split_once(", ").unwrap_or((facts, ""));
    let first = visible_line(&format!("{start}  {runbook}"));
    if width(&first) <= columns && !more.is_empty() {
        screen.line(&first);
        screen.flow(&visible_line(&format!("    {more}")));
    } else {
        screen.line(&visible_line(start.trim_end()));
        screen.flow(&visible_line(&format!("    {facts}")));
    }
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
            if let Some(run) = resumed(journal) {
                later.resumed.entry(run).or_default().push(id);
            }
            // An undo that removed nothing does not count.
            if let Some(run) = undone(journal).filter(|_| RunRecord::of(journal).has_changed()) {
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

/// Returns the run that a run resumes.
fn resumed(journal: &Journal) -> Option<&str> {
    Some(&journal.started()?.resumes.as_ref()?.run)
}

/// Returns the run that a run undoes.
fn undone(journal: &Journal) -> Option<&str> {
    Some(&journal.started()?.undoes.as_ref()?.run)
}

/// Returns the runbook, the start time and the status of a run.
fn facts(journal: &Journal) -> (String, String, String) {
    let run = RunRecord::of(journal);
    let status = match &journal.verdict {
        Verdict::Complete => run.finished.map_or("", |finished| finished.status.as_str()),
        Verdict::Unfinished | Verdict::Torn => "unfinished",
        Verdict::Broken { .. } => "BROKEN",
        Verdict::Unreadable { .. } => "UNREADABLE",
    };
    let runbook = run.started.map_or("", |started| &started.runbook);
    (runbook.to_owned(), run.at.to_owned(), status.to_owned())
}
