//! `arcbook console`.

use std::io::{self, IsTerminal};
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::expression::{Scope, Tree};
use arcbook_engine::graph::ModuleId;
use arcbook_engine::journal;
use arcbook_engine::plan;
use arcbook_engine::runbook::{Files, Missing};
use arcbook_engine::source::Sources;
use arcbook_steps::registry;

use super::JournalArguments;
use super::newest::{self, HERE};
use crate::console::{self, Session};
use crate::exit::Exit;
use crate::loaded::{Loaded, Rejected, RunbookArguments};
use crate::screen::Screen;
use crate::values::ValueArguments;

/// Evaluate expressions interactively, or one per line from a pipe.
///
/// With `-json`, each input line is a JSON string with an expression, and each output line is its result:
/// `{"ok":true,"value":…,"type":"…"}` or `{"ok":false,"diagnostics":[…]}`. The output then contains sensitive
/// values, with `"sensitive":true`.
#[derive(clap::Args)]
pub struct Arguments {
    /// The runbook: a directory with `*.runbook.hcl` files, or one such file; defaults to the current
    /// directory. Without a runbook, expressions have no names, and functions read the files of the
    /// directory.
    #[arg(value_name = "DIR")]
    path: Option<PathBuf>,
    #[command(flatten)]
    values: ValueArguments,
    /// Use the values that a past run recorded: its name or a prefix of it, `latest` (the newest run of the
    /// runbook here, but no undo), or the path of a record.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["path", "var", "var_file"])]
    run: Option<String>,
    #[command(flatten)]
    journal: JournalArguments,
}

pub fn perform(arguments: &Arguments, screen: &Screen) -> Exit {
    let result = match &arguments.run {
        Some(run) => arguments.past(run).map(|tree| open_tree(&tree, screen)),
        None => arguments.open(screen),
    };
    result.unwrap_or_else(|Rejected { sources, diagnostics }| {
        screen.diagnostics(&diagnostics, &sources);
        Exit::Wrong
    })
}

impl Arguments {
    fn past(&self, run: &str) -> Result<Tree, Rejected> {
        // Only a run has results, so the record of an undo is passed over.
        let run = match run {
            "latest" => newest::run_of(Path::new(HERE), &self.journal.directory(), "console -run")?,
            run => run.to_owned(),
        };
        let journal = self.journal.read(&run).map_err(|error| Box::new(Diagnostic::from(error)))?;
        Ok(journal::recorded_names(&journal, Path::new("."))?)
    }

    fn open(&self, screen: &Screen) -> Result<Exit, Rejected> {
        let path = self.path.clone().unwrap_or_else(|| ".".into());
        if self.values.is_empty() && has_no_runbook(&path) {
            return Ok(open_tree(&console::nothing(&path), screen));
        }
        let runbook = RunbookArguments { path, values: self.values.clone() };
        let loaded =
            super::with_azure(screen, |azure| runbook.load(&registry(azure), Missing::Unknown, screen))?;
        Ok(open_runbook(ManuallyDrop::into_inner(loaded), screen))
    }
}

/// Returns whether the path is a directory without a runbook, as opposed to one with an invalid runbook.
fn has_no_runbook(path: &Path) -> bool {
    Files::find(path).is_err_and(|error| error.code == "no-runbook")
}

fn open_tree(tree: &Tree, screen: &Screen) -> Exit {
    talk(tree, tree.addresses(), Sources::new(), screen)
}

fn open_runbook(loaded: Loaded, screen: &Screen) -> Exit {
    // The user came for values, so the runbook's warnings are not printed.
    let Loaded { runbook, plan, sources, .. } = loaded;
    // With `-json` a tool asks for values by name, so the output is not redacted; the tool must protect it.
    if !screen.json {
        plan::register_plan_secrets(screen.secrets(), &plan);
    }
    talk(&plan.state.scope(ModuleId::ROOT), console::of_runbook(&runbook), sources, screen)
}

fn talk(scope: &dyn Scope, addresses: Vec<String>, sources: Sources, screen: &Screen) -> Exit {
    let mut session = Session::new(scope, sources);
    let input = io::stdin();
    if screen.json {
        console::serve(&mut session, screen, input.lock())
    } else if input.is_terminal() && io::stdout().is_terminal() {
        console::converse(&mut session, addresses, screen)
    } else {
        console::hear_out(&mut session, screen, input.lock())
    }
}
