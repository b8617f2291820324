//! The command line of arcbook: parses the arguments and calls the crates that do the work.

mod approve;
mod arguments;
mod azure;
mod cli;
mod commands;
mod complete;
mod console;
mod core_dump;
#[cfg(debug_assertions)]
mod crash_injection;
mod embedded;
mod exit;
mod known_results;
mod loaded;
mod mistyped;
mod otlp;
mod progress;
mod replace;
mod report;
mod saved;
mod screen;
mod selection;
mod signals;
mod state;
mod trace;
mod values;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use cli::Cli;
use exit::Exit;
use screen::Screen;

/// Plans consist of very many small values, and a run passes them between threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version, for the journal and for `runbook { requires }`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    core_dump::forbid();
    let typed: Vec<_> = std::env::args_os().collect();
    if let Some(diagnostic) = mistyped::odd_dash(&typed) {
        Screen::new(false, false).diagnostic(diagnostic);
        return Exit::Wrong.into();
    }
    match Cli::try_parse_from(arguments::with_two_dashes(typed.iter().cloned())) {
        Ok(cli) => commands::perform(cli).into(),
        Err(error) => {
            let error = mistyped::explained(error, &typed);
            // A closed pipe is not an error.
            let _ = mistyped::print(&error);
            let exit = if error.use_stderr() { Exit::Wrong } else { Exit::Done };
            exit.into()
        }
    }
}
