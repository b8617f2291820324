//! `arcbook undo`.

use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Directory, History, JournalError};
use arcbook_engine::run::{self, Observers, Undo, UndoJob};
use arcbook_engine::step::Platform as _;
use arcbook_steps::{Azure, registry};
use serde_json::json;

use super::{JournalArguments, LockArguments, begin_journal, block_on, failed, wrong};
use crate::approve::{ask, can_ask};
use crate::exit::Exit;
use crate::otlp::Telemetry;
use crate::progress::Phase;
use crate::screen::Screen;
use crate::{VERSION, azure, progress, report, signals};

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or the beginning of it, `latest`, or the path of a record.
    #[arg(default_value = "latest")]
    run: String,
    /// Do not ask before something is removed.
    #[arg(long)]
    auto_approve: bool,
    #[command(flatten)]
    lock: LockArguments,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    match block_on(begin(arguments, screen)) {
        Ok(exit) => exit,
        Err(diagnostic) => failed(screen, diagnostic),
    }
}

async fn begin(arguments: &Arguments, screen: &Screen) -> Exit {
    let azure = match azure::of_environment(screen, None).await {
        Ok(azure) => azure,
        Err(diagnostic) => return wrong(screen, diagnostic),
    };
    azure::announce(&azure, screen, true);
    match go(arguments, screen, &azure).await {
        Ok(exit) => exit,
        Err(error) => failed(screen, Diagnostic::from(error)),
    }
}

async fn go(arguments: &Arguments, screen: &Screen, azure: &Arc<Azure>) -> Result<Exit, JournalError> {
    let directory = arguments.journal.directory();
    let run = History::read(&directory, &arguments.run, None)?.past;
    if !arguments.auto_approve
        && let Err(exit) = can_ask(screen, "look at `arcbook show`")
    {
        return Ok(exit);
    }
    let lock = arguments.lock.acquire((&run.runbook, &run.directory), screen).await?;
    let phase = Phase::begin(screen, || "reading the records of runs".to_owned());
    // Once more: until now another process may have had the lock.
    let history = History::read(&directory, &run.lineage.run, None)?;
    let undo = Undo::of(&history.past, &history.undone, &registry(azure));
    drop(phase);
    if undo.steps.is_empty() {
        say(screen, &history, &undo);
        return Ok(Exit::Done);
    }
    if arguments.auto_approve {
        say(screen, &history, &undo);
    } else if let Err(exit) = ask(screen, &told(&history, &undo)) {
        return Ok(exit);
    }
    let exit = take_back(screen, azure, &directory, (&history, undo), |run| lock.tell(run).is_ok()).await?;
    say_how_to_go_on(screen, &arguments.journal, &history.past.lineage.run, exit);
    Ok(exit)
}

/// Says how the undo of `run` is gone on with, when it ended like this before all was done.
pub fn say_how_to_go_on(screen: &Screen, journal: &JournalArguments, run: &str, exit: Exit) {
    if exit != Exit::Done && !screen.json {
        screen.line(&format!("To go on with that: arcbook undo {run}{}", journal.typed()));
    }
}

/// Takes back what a run created, and records that; `began` is told the name of the run that does.
pub async fn take_back(
    screen: &Screen,
    azure: &Arc<Azure>,
    directory: &Directory,
    (history, undo): (&History, Undo),
    began: impl FnOnce(&str) -> bool,
) -> Result<Exit, JournalError> {
    let (id, writer) = begin_journal(directory, screen.secrets())?;
    began(&id);
    let job = UndoJob {
        id: id.clone(),
        version: VERSION,
        identity: azure.identity(),
        past: &history.past,
        undo,
        secrets: screen.secrets().clone(),
    };
    let hold = signals::Hold::begin();
    let mut observers = Observers::new();
    observers.add(writer.recorder());
    let display = progress::observe(screen, &mut observers);
    let telemetry = Telemetry::begin(screen, &id, &mut observers);
    let report = run::undo(job, &mut observers, signals::interrupts()).await;
    drop(observers);
    // Whether anyone reads what is printed or not, the record is closed first.
    let digest = writer.finish();
    drop(hold);
    display.wait();
    screen.diagnostic(report.diagnostics.clone());
    if !screen.json {
        report::close(screen, &report, &directory.file(&id), digest);
    }
    if let Some(telemetry) = telemetry {
        telemetry.finish(screen).await;
    }
    Ok(report::exit(report.status))
}

/// Says what is taken back and what is not.
pub fn say(screen: &Screen, history: &History, undo: &Undo) {
    if screen.json {
        let steps = undo.steps.iter().map(|step| {
            let calls = step.calls.iter().map(|call| format!("{} {}", call.method, call.url));
            json!({ "step": step.address, "run": step.run, "calls": calls.collect::<Vec<_>>() })
        });
        let stays = undo.stays.iter().map(|(step, why)| json!({ "step": step, "because": why }));
        screen.object(&json!({
            "undoes": history.past.lineage.run,
            "steps": steps.collect::<Vec<_>>(),
            "stays": stays.collect::<Vec<_>>(),
        }));
    } else {
        screen.print(&told(history, undo));
    }
}

fn told(history: &History, undo: &Undo) -> String {
    let run = &history.past.lineage.run;
    let mut lines = match undo.steps.len() {
        0 => vec![format!("There is nothing to undo of the run {run}.")],
        _ => vec![format!("What the run {run} created is removed:")],
    };
    for step in &undo.steps {
        lines.push(format!("- {}", step.address));
        lines.extend(step.calls.iter().map(|call| format!("    {} {}", call.method, call.url)));
    }
    if !undo.stays.is_empty() {
        lines.push("What stays as it is:".to_owned());
        lines.extend(undo.stays.iter().map(|(step, why)| format!("= {step}: {why}")));
    }
    lines.join("\n") + "\n"
}
