//! `arcbook show`.

use std::path::PathBuf;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal;

use super::JournalArguments;
use crate::exit::Exit;
use crate::screen::Screen;
use crate::trace;

#[derive(clap::Args)]
pub struct Arguments {
    /// The run: its name or the beginning of it, `latest`, or the path of a record.
    #[arg(default_value = "latest")]
    run: String,
    /// Write a trace of it, for Perfetto and Chrome, in place of showing it.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let journal = match arguments.journal.read(&arguments.run) {
        Ok(journal) => journal,
        Err(error) => return super::failed(screen, Diagnostic::from(error)),
    };
    if let Some(path) = &arguments.trace {
        return match trace::write(&journal, path, screen.secrets()) {
            Ok(()) => Exit::Done,
            Err(diagnostic) => super::failed(screen, diagnostic),
        };
    }
    if screen.json {
        journal.records.iter().for_each(|record| screen.object(record));
    } else {
        screen.print(&journal::show(&journal));
    }
    Exit::Done
}
