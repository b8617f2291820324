//! `arcbook runs`.

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Journal, RunFacts, Verdict};
use serde_json::json;

use super::JournalArguments;
use crate::exit::Exit;
use crate::screen::Screen;

#[derive(clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let directory = arguments.journal.directory();
    let runs = match directory.runs() {
        Ok(runs) => runs,
        Err(error) => return super::failed(screen, Diagnostic::from(error)),
    };
    if runs.is_empty() && !screen.json {
        screen.line(&format!("There are no runs in {}.", directory.path().display()));
    }
    for RunFacts { id, journal } in &runs {
        let (runbook, at, status) = match journal {
            Ok(journal) => facts(journal),
            Err(reason) => (String::new(), String::new(), reason.clone()),
        };
        if screen.json {
            screen.object(&json!({ "run": id, "runbook": runbook, "at": at, "status": status }));
        } else {
            screen.line(&format!("{id}  {at:<24}  {status:<11}  {runbook}"));
        }
    }
    Exit::Done
}

/// The runbook, the beginning and the end of a run.
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
