//! `arcbook show`.

use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{self, JournalError, Removal, Verdict, is_record_name};
use arcbook_engine::plan::file::{self, PlanFile};

use serde_json::json;

use super::JournalArguments;
use crate::exit::Exit;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::trace;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or a prefix of it, `latest`, or the path of a record; or the path of a plan file.
    #[arg(default_value = "latest")]
    run: String,
    /// Write a trace of the run, for Perfetto and Chrome, instead of showing it.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    // A record is JSON too, one object per line.
    let is_record = is_record_name(Path::new(&arguments.run));
    match SavedPlan::open(Path::new(&arguments.run)) {
        Ok(Some(plan)) if !is_record => return show(&plan.file, screen),
        Err(diagnostic) if !is_record => return super::failed(screen, *diagnostic),
        _ => {}
    }
    match arguments.journal.removal(&arguments.run) {
        Ok(None) => {}
        Ok(Some(removal)) => return show_removal(&removal, screen),
        Err(error) => return super::refused(screen, error),
    }
    let journal = match arguments.journal.read(&arguments.run) {
        Ok(journal) => journal,
        Err(error) => return super::refused(screen, error),
    };
    if let Some(path) = &arguments.trace {
        if let Err(diagnostic) = trace::write(&journal, path, screen.secrets()) {
            return super::failed(screen, diagnostic);
        }
    } else if screen.json {
        for line in &journal.lines {
            // Serialization cannot fail: a line holds strings, numbers and JSON.
            screen.object(&serde_json::to_value(line).unwrap_or_default());
        }
    } else {
        screen.print(&journal::show(&journal));
    }
    match journal.verdict {
        Verdict::Broken { line, reason } => {
            let (run, reason) = (arguments.run.clone(), format!("line {line}: {reason}"));
            super::failed(screen, Diagnostic::from(JournalError::Broken { run, reason }))
        }
        Verdict::Unreadable { line, reason } => {
            let (run, reason) = (arguments.run.clone(), format!("line {line}: {reason}"));
            super::failed(screen, Diagnostic::from(JournalError::Unreadable { run, reason }))
        }
        Verdict::Complete | Verdict::Unfinished | Verdict::Torn => Exit::Done,
    }
}

fn show_removal(removal: &Removal, screen: &Screen) -> Exit {
    if screen.json {
        let Removal { at, by, approval, removes, .. } = removal;
        screen.object(&json!({ "at": at, "by": by, "approval": approval, "removes": removes }));
    } else {
        screen.print(&removal.show());
    }
    if matches!(removal.verdict, Verdict::Broken { .. }) { Exit::Failed } else { Exit::Done }
}

fn show(plan: &PlanFile, screen: &Screen) -> Exit {
    if screen.json {
        screen.line(&plan.text());
    } else {
        screen.print(&file::show(plan));
    }
    Exit::Done
}
