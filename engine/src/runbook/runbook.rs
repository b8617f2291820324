//! Defines a loaded runbook.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashSet;

use crate::source::{FileId, SharedFileSystem, Span, Spanned};
use crate::syntax::{Expression, Reference};

use super::{Check, Files, Identity, Module, Names, RecordBlock, Rule, Secrecy, Step, Target, Variable};

/// The declarations of a runbook, in the order of the files and of the lines.
#[derive(Default)]
pub struct Runbook {
    /// The directory, which is the base of relative paths.
    pub directory: PathBuf,
    /// The source of its files, also of those that functions read.
    pub file_system: SharedFileSystem,
    /// The name: that of the directory, or of the file without its suffix.
    pub name: String,
    /// The source files.
    pub files: Vec<FileId>,
    /// The `runbook` block.
    pub settings: Settings,
    /// The `variable` blocks.
    pub variables: Vec<Variable>,
    /// The arguments of the `locals` blocks.
    pub locals: Vec<Local>,
    /// The `identity` blocks.
    pub identities: Vec<Identity>,
    /// The `step` blocks.
    pub steps: Vec<Step>,
    /// The `module` blocks.
    pub modules: Vec<Module>,
    /// The `check` blocks.
    pub checks: Vec<Check>,
    /// The `output` blocks.
    pub outputs: Vec<Output>,
    /// The number of runbooks including this one and its modules, each counted per use.
    pub uses: usize,
    /// The targets of the names.
    pub names: Names,
    /// The targets of all references and dependencies.
    pub used: FxHashSet<Target>,
    /// The variables whose values are used as JMESPath queries, by their indices.
    pub queries: FxHashSet<usize>,
}

/// The settings in the `runbook` block.
#[derive(Clone)]
pub struct Settings {
    /// The description.
    pub description: Option<String>,
    /// True if a failed run is undone.
    pub undoes_failures: bool,
    /// The time limit of a run.
    pub timeout: Option<Duration>,
    /// The identity that acts where nothing names another, if any.
    pub identity: Option<Reference>,
    /// The limits that steps share; none if they could not be read.
    pub limits: Option<Vec<SharedLimit>>,
    /// The place that keeps the records, if the runbook names one.
    pub record: Option<RecordBlock>,
    /// The span of the block, if there is one.
    pub header: Option<Span>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            description: None,
            undoes_failures: false,
            timeout: None,
            identity: None,
            limits: Some(Vec::new()),
            record: None,
            header: None,
        }
    }
}

/// An entry of `limits`: at most this many of the steps that name it run at once.
#[derive(Clone, Debug)]
pub struct SharedLimit {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The maximum number of steps.
    pub most: usize,
}

/// An argument of a `locals` block.
#[derive(Clone, Debug)]
pub struct Local {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The value.
    pub expression: Expression,
}

/// The block `output "name" { … }`.
#[derive(Clone, Debug)]
pub struct Output {
    /// The name.
    pub name: Spanned<Arc<str>>,
    /// The description.
    pub description: Option<String>,
    /// The value.
    pub expression: Expression,
    /// The secrecy; only an output of a module can be ephemeral.
    pub secrecy: Secrecy,
    /// The preconditions.
    pub preconditions: Vec<Rule>,
    /// The dependencies beyond its references.
    pub depends_on: Vec<Reference>,
}

impl Runbook {
    /// Returns a runbook without declarations.
    #[must_use]
    pub fn new(files: &Files) -> Self {
        Self {
            directory: files.directory.clone(),
            file_system: files.file_system.clone(),
            name: files.name.clone(),
            ..Self::default()
        }
    }

    /// Returns the absolute path of the directory.
    #[must_use]
    pub fn place(&self) -> String {
        let whole = self.file_system.canonical(&self.directory).unwrap_or_else(|_| self.directory.clone());
        whole.to_string_lossy().into_owned()
    }

    /// Returns the source files of the runbook and its modules, each once.
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
    /// Returns all expressions.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.expression].into_iter().chain(self.preconditions.iter().flat_map(Rule::expressions))
    }
}
