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

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use arcbook_engine::diagnostic::visible;
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use mimalloc::MiMalloc;

use cli::Cli;
use exit::Exit;

/// Plans consist of very many small values, and a run passes them between threads.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version, for the journal and for `runbook { requires }`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    core_dump::forbid();
    let typed = arguments::with_two_dashes(std::env::args_os());
    match Cli::try_parse_from(typed) {
        Ok(cli) => commands::perform(cli).into(),
        Err(error) => {
            let error = without_values(error);
            // A closed pipe is not an error.
            let _ = print(&error);
            let exit = if error.use_stderr() { Exit::Wrong } else { Exit::Done };
            exit.into()
        }
    }
}

/// Removes the unexpected argument from the error about it: after `-var pw = VALUE`, typed with spaces, it is
/// the value. An option is named, without its value.
fn without_values(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    if let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) {
        let name = argument.split_once('=').map_or(argument.as_str(), |(name, _)| name);
        let shown = if argument.starts_with('-') { name.to_owned() } else { "…".to_owned() };
        error.insert(ContextKind::InvalidArg, ContextValue::String(shown));
    }
    error
}

/// Prints the error, or the help. It quotes arguments: if a terminal would act on one of them, the whole text
/// is escaped, including its colors.
fn print(error: &clap::Error) -> io::Result<()> {
    let text = error.render().to_string();
    match visible(&text) {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(text) if error.use_stderr() => io::stderr().write_all(text.as_bytes()),
        Cow::Owned(text) => io::stdout().write_all(text.as_bytes()),
    }
}
