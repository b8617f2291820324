//! The command line of arcbook: what was typed, handed to the crates that do it.

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

use std::borrow::Cow;
use std::io::{self, Write};
use std::process::ExitCode;

use arcbook_engine::diagnostic::visible;
use clap::Parser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use mimalloc::MiMalloc;

use cli::Cli;
use exit::Exit;

/// Plans are made of very many small values, and a run hands them from thread to thread.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The version, as the journal and `runbook { requires }` know it.
const VERSION: &str = env!("CARGO_PKG_VERSION");

fn main() -> ExitCode {
    core_dump::forbid();
    let typed = arguments::with_two_dashes(std::env::args_os());
    match Cli::try_parse_from(typed) {
        Ok(cli) => commands::perform(cli).into(),
        Err(error) => {
            let error = without_values(error);
            // A reader that has gone away is no error.
            let _ = print(&error);
            let exit = if error.use_stderr() { Exit::Wrong } else { Exit::Done };
            exit.into()
        }
    }
}

/// Leaves an argument that no command takes out of the error about it: where `-var pw = VALUE` was typed, with spaces, it
/// is the value. An option is named, without what was given to it.
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

/// Tells what is wrong with what was typed, or what can be. What comes from outside is cited in it: where a terminal would
/// act on that, all of it is escaped, colours as well.
fn print(error: &clap::Error) -> io::Result<()> {
    let text = error.render().to_string();
    match visible(&text) {
        Cow::Borrowed(_) => error.print(),
        Cow::Owned(text) if error.use_stderr() => io::stderr().write_all(text.as_bytes()),
        Cow::Owned(text) => io::stdout().write_all(text.as_bytes()),
    }
}
