//! The commands, one file each.

pub mod audit;
pub mod azcmagent;
mod chain;
mod claims;
mod command_line;
pub mod completions;
pub mod console;
pub mod diff;
pub mod doctor;
mod execution;
pub mod explain;
pub mod export;
mod findings;
pub mod fmt;
pub mod graph;
pub mod init;
pub mod lab;
mod live_azure;
mod newest;
mod next;
mod origin;
pub mod output;
pub mod permissions;
mod permissions_check;
pub mod plan;
mod prune;
pub mod report;
mod report_signature;
pub mod run;
pub mod runs;
mod runs_from;
mod ship;
pub mod show;
pub mod token;
pub mod undo;
mod undo_list;
pub mod validate;
pub mod verify;
mod verify_directory;
mod verify_set;
mod verify_signature;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Directory, Holder, Journal, JournalError, Lock, Locks, Removal, Writer};
use arcbook_engine::redact::Secrets;
use arcbook_engine::step::{duration, duration_help};
use arcbook_steps::Azure;
use clap::Args;

use crate::azure;
use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::loaded::Rejected;
use crate::progress::Phase;
use crate::screen::Screen;
use crate::shell::quoted;
use crate::state;

/// Runs the command.
pub fn perform(cli: Cli) -> Exit {
    let screen = Screen::new(cli.common.json, cli.common.no_color);
    let exit = dispatch(cli.command, &screen);
    let Some(reason) = screen.failure() else { return exit };
    let summary = format!("the output could not be written: {reason}");
    let help = "check that there is free space for the output";
    screen.complain_of_output(&Diagnostic::error("not-written", summary).help(help));
    if exit == Exit::Done { Exit::Failed } else { exit }
}

fn dispatch(command: Command, screen: &Screen) -> Exit {
    match command {
        Command::Init(arguments) => init::perform(&arguments, screen),
        Command::Validate(arguments) => validate::perform(&arguments, screen),
        Command::Fmt(arguments) => fmt::perform(&arguments, screen),
        Command::Plan(arguments) => plan::perform(&arguments, screen),
        Command::Run(arguments) => run::perform(&arguments, screen),
        Command::Permissions(arguments) => permissions::perform(&arguments, screen),
        Command::Console(arguments) => console::perform(&arguments, screen),
        Command::Undo(arguments) => undo::perform(&arguments, screen),
        Command::Diff(arguments) => diff::perform(&arguments, screen),
        Command::Graph(arguments) => graph::perform(&arguments, screen),
        Command::Audit(arguments) => audit::perform(&arguments, screen),
        Command::Doctor(arguments) => doctor::perform(&arguments, screen),
        Command::Lab(arguments) => lab::perform(&arguments, screen),
        Command::Export(arguments) => export::perform(&arguments, screen),
        Command::Explain(arguments) => explain::perform(&arguments, screen),
        Command::Token(arguments) => token::perform(&arguments, screen),
        Command::Output(arguments) => output::perform(&arguments, screen),
        Command::Runs(arguments) => runs::perform(&arguments, screen),
        Command::Show(arguments) => show::perform(&arguments, screen),
        Command::Report(arguments) => report::perform(&arguments, screen),
        Command::Verify(arguments) => verify::perform(&arguments, screen),
        Command::Completions(arguments) => completions::perform(&arguments, screen),
        Command::Azcmagent(arguments) => azcmagent::perform(&arguments, screen),
        Command::Complete(arguments) => completions::answer(arguments, screen),
    }
}

/// The default directory of run records.
pub const JOURNAL: &str = if cfg!(windows) { r".arcbook\runs" } else { ".arcbook/runs" };

/// The option for the directory of run records.
#[derive(Args, Clone)]
pub struct JournalArguments {
    /// The directory of run records.
    #[arg(long, env = "ARCBOOK_JOURNAL", value_name = "DIR", default_value = JOURNAL)]
    pub journal: PathBuf,
}

impl JournalArguments {
    fn directory(&self) -> Directory {
        Directory::new(&self.journal)
    }

    /// Returns the option as typed, to be appended to a suggested command.
    fn typed(&self) -> String {
        let typed = || format!(" -journal {}", quoted(&self.journal.to_string_lossy()));
        if self.journal == Path::new(JOURNAL) { String::new() } else { typed() }
    }

    /// Reads the record of the removal called `name`; none if the name is not that of a removal.
    fn removal(&self, name: &str) -> Result<Option<Removal>, JournalError> {
        self.directory().find(name).and_then(|path| Removal::read(&path))
    }

    /// Reads the journal of the run called `run`.
    fn read(&self, run: &str) -> Result<Journal, JournalError> {
        self.directory().find(run).and_then(|path| Journal::read(&path))
    }
}

/// Begins the journal of a new run; returns the run's name and the writer.
fn begin_journal(directory: &Directory, secrets: &Secrets) -> Result<(String, Writer), JournalError> {
    #[cfg(debug_assertions)]
    let begun = directory.begin_through(secrets, crate::crash_injection::Mortal::new);
    #[cfg(not(debug_assertions))]
    let begun = directory.begin(secrets);
    begun
}

/// The option for waiting on a runbook's lock.
#[derive(Args)]
pub struct LockArguments {
    /// Wait up to this long for the runbook's lock, such as `30s`; by default, do not wait.
    #[arg(long, value_name = "TIME", value_parser = time)]
    lock_timeout: Option<Duration>,
}

impl LockArguments {
    /// Acquires the lock of a runbook, given by its name and directory.
    async fn acquire(&self, runbook: (&str, &str), screen: &Screen) -> Result<Lock, JournalError> {
        let locks = Locks::new(state::directory());
        let (told, name, place) = (locks.clone(), runbook.0.to_owned(), runbook.1.to_owned());
        let _phase = Phase::begin(screen, move || {
            let holder = told.holder(&place);
            let holder = holder.map_or_else(String::new, |Holder { process, run }| {
                format!(", held by process {process} for the run {run}")
            });
            format!("waiting for the lock of `{name}`{holder}")
        });
        locks.acquire(runbook, self.lock_timeout.unwrap_or_default()).await
    }
}

fn time(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| duration_help(text))
}

/// Runs `future` on the current thread.
///
/// A single thread suffices, because steps never block it.
pub fn block_on<F: Future>(future: F) -> Result<F::Output, Box<Diagnostic>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Diagnostic::error("runtime", "the program cannot start its event loop")
            .detail(error.to_string())
            .help("raise the limit of open files: `ulimit -n`")
    })?;
    let output = runtime.block_on(future);
    // A thread that still resolves a host name must not delay the exit.
    runtime.shutdown_background();
    Ok(output)
}

/// Runs `work` with the Azure of the environment, without a run.
fn with_azure<T>(
    screen: &Screen,
    work: impl FnOnce(&Arc<Azure>) -> Result<T, Rejected>,
) -> Result<T, Rejected> {
    let azure = block_on(azure::of_environment(screen, None)).and_then(|azure| azure)?;
    work(&azure)
}

/// Prints what is wrong with the input, and returns the exit status.
fn wrong(screen: &Screen, diagnostic: impl Into<Diagnostics>) -> Exit {
    screen.diagnostic(diagnostic);
    Exit::Wrong
}

/// Prints why the records or a lock prevent the command, and returns the exit status.
fn refused(screen: &Screen, error: JournalError) -> Exit {
    let exit = if error.is_refusal() { Exit::Wrong } else { Exit::Failed };
    screen.diagnostic(Diagnostic::from(error));
    exit
}

/// Prints an error of the execution, and returns the exit status.
pub fn failed(screen: &Screen, diagnostic: impl Into<Diagnostics>) -> Exit {
    screen.diagnostic(diagnostic);
    Exit::Failed
}
