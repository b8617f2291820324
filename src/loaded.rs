//! Loads the runbook and the values of its variables for `validate`, `plan`, `run` and `graph`.

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics, Severity};
use arcbook_engine::expression::functions::Clock;
use arcbook_engine::plan::{self, KnownResults, Plan, SECRET_ERRORS, Selection, register_given_secrets};
use arcbook_engine::runbook::{self, Files, Inputs, Missing, Runbook};
use arcbook_engine::source::{Confined, SharedFileSystem, SourceFile, Sources, Span};
use arcbook_engine::step::Registry;
use clap::Args;

use crate::exit::Exit;
use crate::progress::Phase;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::shell::quoted;
use crate::values::{GivenValue, ValueArguments, name_and_value};

/// The runbook, and values for its variables.
#[derive(Args, Clone)]
pub struct RunbookArguments {
    /// The runbook: a directory with `*.runbook.hcl` files, or one such file.
    #[arg(default_value = ".")]
    pub path: PathBuf,
    /// The values.
    #[command(flatten)]
    pub values: ValueArguments,
}

/// A loaded and planned runbook, and its files. It is never dropped: at exit, the system frees the memory far
/// faster than dropping thousands of steps would.
pub struct Loaded {
    pub runbook: Arc<Runbook>,
    pub plan: Plan,
    pub sources: Sources,
    /// The files that set variables automatically.
    pub values: Vec<PathBuf>,
    pub warnings: Diagnostics,
    /// The errors about secrets for which no run follows the plan; none, unless it was loaded for a review.
    pub refused: Diagnostics,
}

impl Loaded {
    /// Removes unselected steps from the plan.
    pub fn select(&mut self, selection: Selection) -> Result<(), Diagnostics> {
        self.warnings.extend(self.plan.select(selection)?);
        Ok(())
    }

    /// Reports problems with the files that steps would send; fails if a step would fail because of them. The
    /// secrets of the plan must be registered by then, because a path may be one.
    pub fn check_files(&self, screen: &Screen) -> Result<(), Exit> {
        let found = self.plan.check_files();
        screen.diagnostics(&found, &self.sources);
        if found.has_errors() { Err(Exit::Wrong) } else { Ok(()) }
    }
}

/// Returns the files of the disk for a review of the runbook at `path`, which follows no link out of its directory.
pub fn files_for_review(path: &Path) -> SharedFileSystem {
    Confined::new(SharedFileSystem::default(), path).into()
}

/// The reason why a runbook was not loaded.
pub struct Rejected {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
}

/// The terms on which a runbook is planned.
#[derive(Clone, Copy)]
struct Terms<'a> {
    /// The plan file that gives the values.
    saved: Option<&'a SavedPlan>,
    missing: Missing,
    /// The time of the plan; none for now.
    clock: Option<Clock>,
    /// True to go on after errors about secrets, for commands that describe a runbook and run nothing.
    is_review: bool,
}

impl RunbookArguments {
    /// Loads and plans the runbook; `missing` decides about required variables without a value.
    pub fn load(
        &self,
        registry: &Registry,
        missing: Missing,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        self.check_is_runbook()?;
        self.load_from(&SharedFileSystem::default(), registry, missing, screen)
    }

    /// Returns an error if the path is that of a plan file.
    pub fn check_is_runbook(&self) -> Result<(), Rejected> {
        match SavedPlan::open(&self.path)? {
            Some(plan) => Err(plan.is_no_runbook().into()),
            None => Ok(()),
        }
    }

    /// Loads and plans the runbook in `file_system`.
    pub fn load_from(
        &self,
        file_system: &SharedFileSystem,
        registry: &Registry,
        missing: Missing,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let terms = Terms { saved: None, missing, clock: None, is_review: false };
        self.load_at((file_system, &self.path), terms, (registry, screen))
    }

    /// Loads the runbook of a plan file, and plans it again with the values in the file.
    pub fn load_again(
        &self,
        saved: &SavedPlan,
        registry: &Registry,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let (disk, path) = (SharedFileSystem::default(), saved.runbook()?);
        let clock = Some(saved.file.clock());
        let terms = Terms { saved: Some(saved), missing: Missing::Refuse, clock, is_review: false };
        self.load_at((&disk, &path), terms, (registry, screen))
    }

    /// Loads and plans the runbook in `file_system`, to be read and not run: required variables without a value
    /// are unknown, errors about secrets are [`Loaded::refused`], and the secrets of users are registered.
    pub fn load_for_review(
        &self,
        file_system: &SharedFileSystem,
        registry: &Registry,
        screen: &Screen,
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let clock = Some(Clock::review());
        let terms = Terms { saved: None, missing: Missing::Unknown, clock, is_review: true };
        let loaded = self.load_at((file_system, &self.path), terms, (registry, screen))?;
        register_given_secrets(screen.secrets(), &loaded.plan);
        Ok(loaded)
    }

    fn load_at(
        &self,
        (file_system, path): (&SharedFileSystem, &Path),
        terms: Terms<'_>,
        (registry, screen): (&Registry, &Screen),
    ) -> Result<ManuallyDrop<Loaded>, Rejected> {
        let shown = path.display().to_string();
        let _phase = Phase::begin(screen, move || format!("reading and planning {shown}"));
        let mut sources = Sources::new();
        let mut found = Diagnostics::new();
        let files = Files::find_in(file_system, path)?;
        match self.attempt(&files, terms, registry, (&mut sources, &mut found)) {
            Some((runbook, plan)) => {
                let (values, is_refused) =
                    (files.variables, |one: &Diagnostic| one.severity == Severity::Error);
                let (refused, warnings) = found.into_iter().partition(is_refused);
                Ok(ManuallyDrop::new(Loaded { runbook, plan, sources, values, warnings, refused }))
            }
            None => Err(Rejected { sources, diagnostics: found }),
        }
    }

    /// Returns the arguments as typed, to be appended to a suggested command; values of variables are left
    /// open.
    pub fn typed(&self) -> String {
        let values = self.values.given.iter().filter_map(|given| match given {
            GivenValue::File(file) => Some(format!(" -var-file {}", quoted(&file.to_string_lossy()))),
            GivenValue::Typed(typed) => {
                let (name, _) = name_and_value(typed)?;
                Some(format!(" -var {}", quoted(&format!("{name}=…"))))
            }
        });
        let path =
            (self.path != Path::new(".")).then(|| format!(" {}", quoted(&self.path.to_string_lossy())));
        values.chain(path).collect()
    }

    fn attempt(
        &self,
        files: &Files,
        terms: Terms<'_>,
        registry: &Registry,
        (sources, found): (&mut Sources, &mut Diagnostics),
    ) -> Option<(Arc<Runbook>, Plan)> {
        let runbook = runbook::load(files, registry, sources, found);
        // An invalid runbook is evaluated too, so that all errors are reported at once.
        let mut later = Diagnostics::new();
        let inputs = self.inputs(files, terms, sources, &mut later);
        let variables = inputs.resolve(&runbook, sources, terms.missing, &mut later);
        let answers = KnownResults::default();
        let answers = match terms.clock {
            Some(clock) => answers.at(clock),
            None => answers,
        };
        let plan = plan::outline(&runbook, variables, &answers, &mut later);
        let later = runbook::without_consequences(found, later);
        found.append(later);
        found.tidy();
        let stops = |one: &Diagnostic| {
            one.severity == Severity::Error && !(terms.is_review && SECRET_ERRORS.contains(&one.code))
        };
        if found.iter().any(stops) { None } else { Some((runbook, plan?)) }
    }

    /// Returns the values in their order of precedence. A plan file's values override automatic ones; values
    /// on the command line override both, and are then compared with the plan's.
    fn inputs(
        &self,
        files: &Files,
        terms: Terms<'_>,
        sources: &mut Sources,
        found: &mut Diagnostics,
    ) -> Inputs {
        let mut inputs = Inputs::new();
        // A review relies on the files of the runbook, and on what the reviewer gives for it.
        if !terms.is_review {
            let text = |(name, value): (OsString, OsString)| {
                Some((name.into_string().ok()?, value.into_string().ok()?))
            };
            inputs.environment(std::env::vars_os().filter_map(text));
        }
        for path in &files.variables {
            found.take(inputs.file(path, &*files.file_system, sources));
        }
        if let Some(saved) = terms.saved {
            let place = Span::new(sources.add(SourceFile::new(&saved.path, String::new())), 0..0);
            saved.file.values().for_each(|(name, value)| inputs.planned(name, value.clone(), place));
        }
        self.values.read(&mut inputs, sources, found);
        inputs
    }
}

impl Rejected {
    /// Says why the runbook was not loaded, and returns the exit code of that.
    pub fn tell(&self, screen: &Screen) -> Exit {
        screen.diagnostics(&self.diagnostics, &self.sources);
        Exit::Wrong
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
