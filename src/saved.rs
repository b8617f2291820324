//! Plan files on disk.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::{Directory, JournalError, is_record_name};
use arcbook_engine::plan::file::{PlanFile, PlanFileError};
use arcbook_engine::plan::{Plan, Source, StepIndex};
use arcbook_engine::run::ReviewedPlan;
use arcbook_engine::runbook::Files;
use arcbook_engine::source::{open_plain, relative};

use crate::shell::quoted;

/// The length of the prefix that identifies a plan file, in bytes.
const BEGINNING: u64 = 64;

/// A plan file that was read.
pub struct SavedPlan {
    /// The path, as the user wrote it.
    pub path: PathBuf,
    /// Its content.
    pub file: PlanFile,
}

fn unreadable(path: &Path, error: &io::Error) -> Box<Diagnostic> {
    let summary = format!("{} cannot be read", path.display());
    Box::new(Diagnostic::error("file-not-readable", summary).detail(format!("{error}.")))
}

impl SavedPlan {
    /// Reads the plan file at `path`; none if the path is something else, such as a runbook, or does not
    /// exist.
    pub fn open(path: &Path) -> Result<Option<Self>, Box<Diagnostic>> {
        if !path.is_file() {
            return Ok(None);
        }
        let mut file = open_plain(path).map_err(|error| unreadable(path, &error))?;
        let mut bytes = Vec::new();
        let beginning = (&mut file).take(BEGINNING).read_to_end(&mut bytes);
        beginning.map_err(|error| unreadable(path, &error))?;
        if !PlanFile::is_meant(&bytes) {
            return Ok(None);
        }
        Self::rest(path, file, bytes).map(Some)
    }

    /// Reads the plan file at `path` for a command that expects a plan file or a run; none if it is a record, or a run in
    /// `directory` has that name.
    ///
    /// Any other file is meant to be a plan, also if its beginning is missing.
    pub fn open_unless_run(path: &Path, directory: &Directory) -> Result<Option<Self>, Box<Diagnostic>> {
        if is_record_name(path) || !path.is_file() {
            return Ok(None);
        }
        let opened = Self::open(path)?;
        if opened.is_some() || names_run(directory, path) {
            return Ok(opened);
        }
        let file = open_plain(path).map_err(|error| unreadable(path, &error))?;
        Self::rest(path, file, Vec::new()).map(Some)
    }

    /// Reads the rest of a plan file, which begins with `bytes`.
    fn rest(path: &Path, file: File, mut bytes: Vec<u8>) -> Result<Self, Box<Diagnostic>> {
        let about = |diagnostic: Diagnostic| Box::new(diagnostic.about(path.display().to_string()));
        let read = file.take(PlanFile::largest()).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(path, &error))?;
        let file = PlanFile::read(&bytes).map_err(|error: PlanFileError| about(error.into()))?;
        Ok(Self { path: path.to_owned(), file })
    }

    /// Returns the error for a command that expects a runbook.
    pub fn is_no_runbook(&self) -> Box<Diagnostic> {
        let path = quoted(&self.path.to_string_lossy());
        Diagnostic::error("no-runbook", format!("{path} is a plan file, not a runbook"))
            .help(format!("`arcbook show {path}` shows it, `arcbook run {path}` runs it"))
            .into()
    }

    /// Returns the runbook's path, resolved from its path relative to the plan file.
    pub fn runbook(&self) -> Result<PathBuf, Box<Diagnostic>> {
        let place = arcbook_os::path::canonicalize(&self.path).ok();
        let directory = place.as_deref().and_then(Path::parent).unwrap_or(Path::new("."));
        let path = directory.join(self.file.path());
        let path = arcbook_os::path::canonicalize(&path)
            .map_err(|error| self.no_runbook_there(&path, &error.to_string()))?;
        if let Err(error) = Files::find(&path) {
            return Err(self.no_runbook_there(&path, &error.summary).into());
        }
        let here = std::env::current_dir().and_then(arcbook_os::path::canonicalize);
        Ok(match here {
            Ok(here) if path.starts_with(&here) => relative(&here, &path).into(),
            _ => path,
        })
    }

    fn no_runbook_there(&self, path: &Path, why: &str) -> Diagnostic {
        let (plan, path) = (self.path.display(), path.display());
        let (name, way) = (&self.file.listing().runbook, self.file.path());
        let summary =
            format!("the runbook `{name}` of the plan {plan} is not where it was; there is none in {path}");
        Diagnostic::error("no-runbook", summary)
            .detail(format!("{why}."))
            .help(format!(
                "the plan file is for the runbook at `{way}`, relative to the file: restore both locations"
            ))
            .help("or save the plan again where the runbook is now: `arcbook plan -out FILE`")
    }

    /// Returns the suggestion to plan again.
    pub fn remedy(&self) -> String {
        let runbook = self.runbook().unwrap_or_default();
        let [plan, runbook] = [&self.path, &runbook].map(|path| quoted(&path.to_string_lossy()));
        let runbook = if runbook == "." { String::new() } else { format!(" {runbook}") };
        let how = match self.file.source() {
            Source::Nobody => String::new(),
            Source::Services => "-live ".to_owned(),
            Source::Run(run) => format!("-against {run} "),
        };
        let selection = self.file.selection();
        let targets = selection.targets.iter().map(|address| format!("-target {} ", quoted(address)));
        let excludes = selection.excludes.iter().map(|address| format!("-exclude {} ", quoted(address)));
        let part: String = targets.chain(excludes).collect();
        format!("review and save a new plan: `arcbook plan {how}{part}-out {plan}{runbook}`")
    }

    /// Returns the reviewed plan that a run must match, from the new `plan` and its file `now`.
    pub fn held<'a>(&self, plan: &'a Plan, now: &PlanFile) -> ReviewedPlan<'a> {
        ReviewedPlan {
            sha256: self.file.sha256(),
            steps: StepIndex::new(plan),
            files: now.sent().clone().into(),
            signature: None,
        }
    }
}

/// Returns true if a run has that name, or several runs begin with it.
fn names_run(directory: &Directory, path: &Path) -> bool {
    matches!(directory.find(&path.to_string_lossy()), Ok(_) | Err(JournalError::Ambiguous { .. }))
}
