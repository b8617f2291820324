//! The command line of arcbook: parses the arguments and calls the crates that do the work.

mod approve;
mod arguments;
mod azure;
mod cli;
mod commands;
mod console;
mod core_dump;
#[cfg(debug_assertions)]
mod crash_injection;
mod embedded;
mod exit;
mod known_results;
mod loaded;
mod options;
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

/// Plans consist of very many small values, and a run passes them between threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version, for the journal and for `runbook { requires }`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    core_dump::forbid();
    let typed = arguments::with_two_dashes(std::env::args_os());
    match Cli::try_parse_from(&typed) {
        Ok(cli) => commands::perform(cli).into(),
        Err(error) => options::tell(error, &typed).into(),
    }
}
