//! What `validate`, `plan`, `run` and `graph` begin with: the runbook, and the values of its variables.

use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::plan::{self, KnownResults, Plan, Selection};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Runbook};
use arcbook_engine::source::{SourceFile, Sources, Span};
use arcbook_engine::step::Registry;
use clap::Args;

use crate::exit::Exit;
use crate::progress::Phase;
use crate::saved::SavedPlan;
use crate::screen::Screen;

/// Which runbook, and values for its variables.
#[derive(Args)]
pub struct RunbookArguments {
    /// The runbook: a directory with `*.runbook.hcl` files, or one such file.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The values.
    #[command(flatten)]
    pub values: ValueArguments,
}

/// Values for the variables of a runbook.
#[derive(Args, Clone)]
pub struct ValueArguments {
    /// Give a variable a value; may be repeated.
    #[arg(long, value_name = "NAME=VALUE")]
    var: Vec<String>,
    /// Take values for variables from a file: HCL, or JSON when its name ends in .json; may be repeated.
    #[arg(long, value_name = "FILE")]
    var_file: Vec<PathBuf>,
}

/// A runbook that was read and planned, and its files. The system takes the memory back when the program ends, far faster
/// than thousands of steps are taken apart.
pub struct Loaded {
    pub runbook: Arc<Runbook>,
    pub plan: Plan,
    pub sources: Sources,
    /// The files that gave values to its variables by themselves.
    pub values: Vec<PathBuf>,
    pub warnings: Diagnostics,
}

impl Loaded {
    /// Leaves out of the plan what is not selected.
    pub fn select(&mut self, selection: Selection) -> Result<(), Diagnostics> {
        self.warnings.extend(self.plan.select(selection)?);
        Ok(())
    }

    /// Tells what is wrong with the files that steps would send, before anything is done; an error when a step would
    /// fail of it. The secrets of the plan are known by then: a path may be one.
    pub fn check_files(&self, screen: &Screen) -> Result<(), Exit> {
        let found = self.plan.check_files();
        screen.diagnostics(&found, &self.sources);
        if found.has_errors() { Err(Exit::Wrong) } else { Ok(()) }
    }
}

/// Why there is none.
pub struct Rejected {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
}

impl RunbookArguments {
    /// Reads and plans the runbook; `missing` says what a required variable without a value is.
    pub fn load(
        &self,
        registry: &Registry,
        missing: Missing,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        if let Some(plan) = SavedPlan::open(&self.path)? {
            return Err(plan.is_no_runbook().into());
        }
        self.load_at(&self.path, None, (registry, screen), missing)
    }

    /// Reads the runbook of a plan file, and plans it anew with the values that the file holds.
    pub fn load_again(
        &self,
        saved: &SavedPlan,
        registry: &Registry,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        self.load_at(&saved.runbook()?, Some(saved), (registry, screen), Missing::Refuse)
    }

    fn load_at(
        &self,
        path: &Path,
        saved: Option<&SavedPlan>,
        (registry, screen): (&Registry, &Screen),
        missing: Missing,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let shown = path.display().to_string();
        let _phase = Phase::begin(screen, move || format!("reading and planning {shown}"));
        let mut sources = Sources::new();
        let mut found = Diagnostics::new();
        let files = Files::find(path)?;
        match self.attempt(&files, saved, registry, missing, (&mut sources, &mut found)) {
            Some((runbook, plan)) => {
                let values = files.variables;
                Ok(ManuallyDrop::new(Loaded { runbook, plan, sources, values, warnings: found }))
            }
            None => Err(Rejected { sources, diagnostics: found }),
        }
    }

    /// Repeats what was typed, as it would be typed again after a command; the values of variables are left open.
    pub fn typed(&self) -> String {
        let files =
            self.values.var_file.iter().map(|file| format!(" -var-file {}", quoted(&file.to_string_lossy())));
        let names = self.values.var.iter().filter_map(|typed| Some(name_and_value(typed)?.0));
        let values = names.map(|name| format!(" -var {}", quoted(&format!("{name}=…"))));
        let path =
            (self.path != Path::new(".")).then(|| format!(" {}", quoted(&self.path.to_string_lossy())));
        files.chain(values).chain(path).collect()
    }

    fn attempt(
        &self,
        files: &Files,
        saved: Option<&SavedPlan>,
        registry: &Registry,
        missing: Missing,
        (sources, found): (&mut Sources, &mut Diagnostics),
    ) -> Option<(Arc<Runbook>, Plan)> {
        let runbook = runbook::load(files, registry, sources, found);
        // An unsound runbook is evaluated too, so that all that is wrong comes in one go.
        let mut later = Diagnostics::new();
        let inputs = self.inputs(files, saved, sources, &mut later);
        let variables = inputs.resolve(&runbook, sources, missing, &mut later);
        let answers = KnownResults::default();
        let answers = match saved {
            Some(saved) => answers.at(saved.file.clock()),
            None => answers,
        };
        let plan = plan::make(&runbook, variables, &answers, &mut later);
        let later = runbook::without_consequences(found, later);
        found.append(later);
        found.tidy();
        if found.has_errors() { None } else { Some((runbook, plan?)) }
    }

    /// The values in the order of precedence. What a plan file holds counts for more than what is there by itself, and
    /// for less than what is typed, which then turns out to be another value or the same.
    fn inputs(
        &self,
        files: &Files,
        saved: Option<&SavedPlan>,
        sources: &mut Sources,
        found: &mut Diagnostics,
    ) -> Inputs {
        let mut inputs = Inputs::new();
        inputs.environment(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?))),
        );
        for path in &files.variables {
            found.take(inputs.file(path, sources));
        }
        if let Some(saved) = saved {
            let place = Span::new(sources.add(SourceFile::new(&saved.path, String::new())), 0..0);
            saved.file.values().for_each(|(name, value)| inputs.planned(name, value.clone(), place));
        }
        for path in &self.values.var_file {
            found.take(inputs.given_file(path, sources));
        }
        for (at, typed) in self.values.var.iter().enumerate() {
            match name_and_value(typed) {
                Some((name, value)) => inputs.argument(name, value),
                None => found.push(without_name(at + 1, self.values.var.len())),
            }
        }
        inputs
    }
}

impl ValueArguments {
    /// Whether no value is given.
    pub fn is_empty(&self) -> bool {
        self.var.is_empty() && self.var_file.is_empty()
    }
}

impl From<Box<Diagnostic>> for Rejected {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Diagnostics::from(diagnostic).into()
    }
}

impl From<Diagnostics> for Rejected {
    fn from(diagnostics: Diagnostics) -> Self {
        Self { sources: Sources::new(), diagnostics }
    }
}

/// Text as a shell takes it for one word.
pub fn quoted(text: &str) -> String {
    let plain = |next: char| next.is_alphanumeric() || "-_./=:…".contains(next);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// `NAME=VALUE`, which may have spaces around the name.
fn name_and_value(typed: &str) -> Option<(&str, &str)> {
    let (name, value) = typed.split_once('=')?;
    Some((name.trim(), value)).filter(|(name, _)| !name.is_empty())
}

/// The error for a `-var` that names no variable. What was typed may be a secret, so it is told which one it is.
fn without_name(number: usize, all: usize) -> Diagnostic {
    let which = if all == 1 { "`-var`".to_owned() } else { format!("`-var` number {number}") };
    Diagnostic::error("invalid-option", format!("{which} does not name a variable"))
        .help("write `-var NAME=VALUE`, in single quotes where the value has spaces or quotes")
}
