//! What a runbook declares.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashSet;

use crate::source::{FileId, Span, Spanned};
use crate::syntax::{Expression, Reference};

use super::{Check, Files, Module, Names, Rule, Secrecy, Step, Target, Variable};

/// A runbook: everything its files declare, in the order of the files and of the lines.
#[derive(Default)]
pub struct Runbook {
    /// The directory it lies in; relative paths in it start here.
    pub directory: PathBuf,
    /// The name: of the directory, or of the file without its ending.
    pub name: String,
    /// The files it was read from.
    pub files: Vec<FileId>,
    /// What the `runbook` block says.
    pub settings: Settings,
    /// The `variable` blocks.
    pub variables: Vec<Variable>,
    /// The arguments of the `locals` blocks.
    pub locals: Vec<Local>,
    /// The `step` blocks.
    pub steps: Vec<Step>,
    /// The `module` blocks.
    pub modules: Vec<Module>,
    /// The `check` blocks.
    pub checks: Vec<Check>,
    /// The `output` blocks.
    pub outputs: Vec<Output>,
    /// How many runbooks there are with it and its modules, each counted where it is used.
    pub uses: usize,
    /// What each name means.
    pub names: Names,
    /// What anything in it refers to or waits for.
    pub used: FxHashSet<Target>,
}

/// What the `runbook` block says.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// What the runbook is for.
    pub description: Option<String>,
    /// Whether what a run created is removed again when it fails.
    pub undoes_failures: bool,
    /// How long a run may take.
    pub timeout: Option<Duration>,
    /// Where the block is, if there is one.
    pub header: Option<Span>,
}

/// One argument of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it stands for.
    pub expression: Expression,
}

/// `output "name" { … }`.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// What it is for.
    pub description: Option<String>,
    /// What it gives.
    pub expression: Expression,
    /// Who may see its value; only an output of a module can be ephemeral.
    pub secrecy: Secrecy,
    /// What must hold for it to be given.
    pub preconditions: Vec<Rule>,
    /// What it waits for beside what it refers to.
    pub depends_on: Vec<Reference>,
}

impl Runbook {
    /// One that declares nothing yet.
    #[must_use]
    pub fn new(files: &Files) -> Self {
        Self { directory: files.directory.clone(), name: files.name.clone(), ..Self::default() }
    }

    /// The directory it lies in, whole, however its path was written.
    #[must_use]
    pub fn place(&self) -> String {
        let whole = std::fs::canonicalize(&self.directory).unwrap_or_else(|_| self.directory.clone());
        whole.to_string_lossy().into_owned()
    }

    /// The files it was read from and those of its modules, each once.
    #[must_use]
    pub fn all_files(&self) -> Vec<FileId> {
        let mut files = self.files.clone();
        for module in &self.modules {
            for file in module.runbook.all_files() {
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
        files
    }
}

impl Output {
    /// All its expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.expression].into_iter().chain(self.preconditions.iter().flat_map(Rule::expressions))
    }
}
