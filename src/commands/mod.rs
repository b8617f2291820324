//! The commands, one file each.

mod chain;
pub mod completions;
pub mod console;
pub mod explain;
pub mod fmt;
pub mod graph;
pub mod lab;
mod newest;
pub mod plan;
pub mod run;
pub mod runs;
pub mod show;
pub mod token;
pub mod undo;
pub mod validate;
pub mod verify;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::journal::{Directory, Holder, Journal, JournalError, Lock, Locks, Writer};
use arcbook_engine::redact::Secrets;
use arcbook_engine::runbook::duration;
use arcbook_steps::Azure;
use clap::Args;

use crate::azure;
use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::loaded::{Rejected, quoted};
use crate::progress::Phase;
use crate::screen::Screen;
use crate::state;

/// Does what was typed.
pub fn perform(cli: Cli) -> Exit {
    let screen = Screen::new(cli.common.json, cli.common.no_color);
    let exit = dispatch(cli.command, &screen);
    let Some(reason) = screen.failure() else { return exit };
    let summary = format!("what was to be printed could not be written: {reason}");
    let help = "see that there is room where the output goes";
    screen.complain_of_output(&Diagnostic::error("not-written", summary).help(help));
    if exit == Exit::Done { Exit::Failed } else { exit }
}

fn dispatch(command: Command, screen: &Screen) -> Exit {
    match command {
        Command::Validate(arguments) => validate::perform(&arguments, screen),
        Command::Fmt(arguments) => fmt::perform(&arguments, screen),
        Command::Plan(arguments) => plan::perform(&arguments, screen),
        Command::Run(arguments) => run::perform(&arguments, screen),
        Command::Console(arguments) => console::perform(&arguments, screen),
        Command::Undo(arguments) => undo::perform(&arguments, screen),
        Command::Graph(arguments) => graph::perform(&arguments, screen),
        Command::Lab(arguments) => lab::perform(&arguments, screen),
        Command::Explain(arguments) => explain::perform(&arguments, screen),
        Command::Token(arguments) => token::perform(&arguments, screen),
        Command::Runs(arguments) => runs::perform(&arguments, screen),
        Command::Show(arguments) => show::perform(&arguments, screen),
        Command::Verify(arguments) => verify::perform(&arguments, screen),
        Command::Completions(arguments) => completions::perform(&arguments, screen),
    }
}

/// Where the records of runs lie when nothing else is said.
const JOURNAL: &str = ".arcbook/runs";

/// Where the records of runs lie.
#[derive(Args)]
pub struct JournalArguments {
    /// The directory of the records of runs.
    #[arg(long, env = "ARCBOOK_JOURNAL", value_name = "DIR", default_value = JOURNAL)]
    pub journal: PathBuf,
}

impl JournalArguments {
    fn directory(&self) -> Directory {
        Directory::new(&self.journal)
    }

    /// What was typed, as it would be typed again after a command.
    fn typed(&self) -> String {
        let typed = || format!(" -journal {}", quoted(&self.journal.to_string_lossy()));
        if self.journal == Path::new(JOURNAL) { String::new() } else { typed() }
    }

    /// The journal of the run that is called `run`.
    fn read(&self, run: &str) -> Result<Journal, JournalError> {
        self.directory().find(run).and_then(|path| Journal::read(&path))
    }
}

/// Begins the journal of a new run; gives the name of the run and where to write.
fn begin_journal(directory: &Directory, secrets: &Secrets) -> Result<(String, Writer), JournalError> {
    #[cfg(debug_assertions)]
    let begun = directory.begin_through(secrets, crate::crash_injection::Mortal::new);
    #[cfg(not(debug_assertions))]
    let begun = directory.begin(secrets);
    begun
}

/// How the right to run a runbook is waited for.
#[derive(Args)]
pub struct LockArguments {
    /// How long to wait for another run of the runbook to end, such as `30s`; not at all when left out.
    #[arg(long, value_name = "TIME", value_parser = time)]
    lock_timeout: Option<Duration>,
}

impl LockArguments {
    /// The right to run a runbook: its name, and the directory it lies in.
    async fn acquire(&self, runbook: (&str, &str), screen: &Screen) -> Result<Lock, JournalError> {
        let locks = Locks::new(state::directory());
        let (told, name, place) = (locks.clone(), runbook.0.to_owned(), runbook.1.to_owned());
        let _phase = Phase::begin(screen, move || {
            let holder = told.holder(&place);
            let holder = holder.map_or_else(String::new, |Holder { process, run }| {
                format!(": process {process} has it for the run {run}")
            });
            format!("waiting for the lock of `{name}`{holder}")
        });
        locks.acquire(runbook, self.lock_timeout.unwrap_or_default()).await
    }
}

fn time(text: &str) -> Result<Duration, String> {
    duration(text).ok_or_else(|| "write it as `30s`, `5m` or `1h30m`".to_owned())
}

/// Runs `future` on this thread.
///
/// No thread waits for a step: one is enough for all of them.
fn block_on<F: Future>(future: F) -> Result<F::Output, Box<Diagnostic>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        Diagnostic::error("runtime", "the program cannot start its event loop")
            .detail(error.to_string())
            .help("raise the limit of open files: `ulimit -n`")
    })?;
    let output = runtime.block_on(future);
    // A thread that still resolves a name must not hold up the end of the program.
    runtime.shutdown_background();
    Ok(output)
}

/// Does `work` with the Azure of the environment, without a run.
fn with_azure<T>(
    screen: &Screen,
    work: impl FnOnce(&Arc<Azure>) -> Result<T, Rejected>,
) -> Result<T, Rejected> {
    let azure = block_on(azure::of_environment(screen, None)).and_then(|azure| azure)?;
    work(&azure)
}

/// Says what went wrong, and how the program ends for it.
fn wrong(screen: &Screen, diagnostic: impl Into<Diagnostics>) -> Exit {
    screen.diagnostic(diagnostic);
    Exit::Wrong
}

/// Says why records do not tell what is asked of them, or what is in the way, and how the program ends for it.
fn refused(screen: &Screen, error: JournalError) -> Exit {
    let exit = if error.is_refusal() { Exit::Wrong } else { Exit::Failed };
    screen.diagnostic(Diagnostic::from(error));
    exit
}

/// Says what went wrong while something was done, and how the program ends for it.
fn failed(screen: &Screen, diagnostic: impl Into<Diagnostics>) -> Exit {
    screen.diagnostic(diagnostic);
    Exit::Failed
}
