//! The command line of arcbook: parses the arguments and calls the crates that do the work.

mod actor;
mod approve;
mod arguments;
mod az;
mod azure;
mod azure_cli;
mod bound;
mod cli;
mod commands;
mod compared;
mod complete;
mod console;
#[cfg(debug_assertions)]
mod crash_injection;
mod embedded;
mod exit;
mod for_machine;
mod from;
mod known_results;
mod loaded;
mod mistyped;
mod options;
mod otlp;
mod plan_of;
mod policy;
mod preflight;
mod progress;
mod replace;
mod report;
mod revision;
mod role_file;
mod saved;
mod screen;
mod selection;
mod shell;
mod ship;
mod signals;
mod signing;
mod state;
mod summary;
mod system;
mod trace;
mod values;

use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use cli::Cli;

/// Plans consist of very many small values, and a run passes them between threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version, for the journal and for `runbook { requires }`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    arcbook_os::system::forbid_dumps();
    signals::survive_file_size_limit();
    let typed: Vec<_> = std::env::args_os().collect();
    if az::is_called(typed.first()) {
        return az::perform(&typed).into();
    }
    let arguments = arguments::with_two_dashes(typed.iter().cloned());
    if let Some(diagnostic) = mistyped::odd_dash(&typed) {
        return options::refuse(diagnostic, &arguments).into();
    }
    match Cli::try_parse_from(&arguments) {
        Ok(cli) => commands::perform(cli).into(),
        Err(error) => options::tell(&mistyped::explained(error, &typed), &typed, &arguments).into(),
    }
}
