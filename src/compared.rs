//! Finds and loads the two sides of a comparison.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::diff::Subject;
use arcbook_engine::plan::file::PlanFile;
use arcbook_engine::redact::Salt;
use arcbook_engine::source::{Overlay, Revision, RevisionError, SharedFileSystem};
use arcbook_steps::{Azure, registry};

use crate::for_machine::ForMachine;
use crate::loaded::{Rejected, RunbookArguments, files_for_review};
use crate::revision::told;
use crate::saved::SavedPlan;
use crate::screen::Screen;
use crate::values::ValueArguments;

/// One side of a comparison, as the user named it.
pub struct Compared {
    name: String,
    kind: Kind,
}

/// A side that was loaded.
pub struct Side {
    pub subject: Subject,
    /// True if it is not there, and stands for an empty runbook.
    pub is_absent: bool,
    /// Sentences about it for the reader.
    pub notes: Vec<String>,
}

enum Kind {
    /// A plan file.
    Plan(Box<SavedPlan>),
    /// A runbook on the disk.
    Runbook(PathBuf),
    /// A revision in git of the runbook of the other side.
    Revision,
}

/// The warning of characters that reorder what a reader of a runbook sees.
const DIRECTION: &str = "text-direction";

/// The stack of the thread that loads one side: as much as the main one has, which loads the other.
const STACK: usize = 8 << 20;

/// The terms of a comparison, which are the same for both sides.
pub struct Comparison<'a> {
    pub azure: &'a Arc<Azure>,
    pub screen: &'a Screen,
    salt: Salt,
}

impl Compared {
    /// Finds a side: a plan file or a runbook, if there is something at that path; otherwise a revision in git.
    ///
    /// A name that is both is an error: whoever adds a directory must not replace the revision to compare with.
    pub fn find(name: &str) -> Result<Self, Box<Diagnostic>> {
        let path = Path::new(name);
        if path.exists() && Revision::open(name, Path::new(".")).is_ok() {
            return Err(ambiguous(name));
        }
        let kind = match SavedPlan::open(path)? {
            Some(plan) => Kind::Plan(Box::new(plan)),
            None if path.exists() => Kind::Runbook(path.to_owned()),
            None => Kind::Revision,
        };
        Ok(Self { name: name.to_owned(), kind })
    }

    /// Returns the path of the runbook; none if the side does not say it.
    fn runbook(&self) -> Result<Option<PathBuf>, Box<Diagnostic>> {
        Ok(match &self.kind {
            Kind::Plan(plan) => Some(plan.runbook()?),
            Kind::Runbook(path) => Some(path.clone()),
            Kind::Revision => None,
        })
    }

    fn plan(&self) -> Option<&SavedPlan> {
        match &self.kind {
            Kind::Plan(plan) => Some(plan),
            _ => None,
        }
    }
}

fn ambiguous(name: &str) -> Box<Diagnostic> {
    let error = Diagnostic::error("invalid-option", format!("`{name}` is both a path and a revision in git"));
    error.help(format!("write `./{name}` for the path, or `{name}^0` for the revision")).into()
}

impl<'a> Comparison<'a> {
    /// Returns the terms: the salt of a plan file, if a side is one.
    pub fn new(azure: &'a Arc<Azure>, screen: &'a Screen, sides: [&Compared; 2]) -> Self {
        let file = sides.into_iter().find_map(Compared::plan).map(|plan| &plan.file);
        let salt = file.map_or_else(Salt::random, PlanFile::salt);
        Self { azure, screen, salt }
    }

    /// Loads both sides at once, and hides the secrets of each in both.
    pub fn load(&self, old: &Compared, new: &Compared) -> Result<[Side; 2], Rejected> {
        let (then, now) = std::thread::scope(|scope| {
            let work = || self.side(old, new);
            let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            let now = self.side(new, old);
            match thread {
                Ok(thread) => (thread.join().unwrap_or_else(|panic| resume_unwind(panic)), now),
                // The system has no more threads.
                Err(_) => (self.side(old, new), now),
            }
        });
        let mut sides = [then?, now?];
        for side in &mut sides {
            side.subject.redact(self.screen.secrets());
        }
        Ok(sides)
    }

    /// Loads a side; a revision is one of the runbook of the `other` side, or of the current directory. A runbook that a
    /// revision does not have is an empty one.
    fn side(&self, side: &Compared, other: &Compared) -> Result<Side, Rejected> {
        let mut notes = Vec::new();
        let files: (SharedFileSystem, PathBuf) = match &side.kind {
            Kind::Plan(plan) => {
                let subject = Subject::of_file(side.name.clone(), &plan.file);
                return Ok(Side { subject, is_absent: false, notes });
            }
            Kind::Runbook(path) => (files_for_review(path), path.clone()),
            Kind::Revision => {
                let path = other.runbook()?.unwrap_or_else(|| PathBuf::from("."));
                let revision = Revision::open(&side.name, &path);
                let revision: SharedFileSystem =
                    revision.map_err(|error| Box::new(unknown(&side.name, &error)))?.into();
                if is_absent(&revision, &path) {
                    notes.push(format!("{} does not exist at {}.", path.display(), side.name));
                    (empty(revision, &path), path)
                } else {
                    (revision, path)
                }
            }
        };
        let is_absent = !notes.is_empty();
        match self.plan(&side.name, files) {
            Ok((subject, refused)) => {
                notes.extend(refused);
                Ok(Side { subject, is_absent, notes })
            }
            Err(Rejected { sources, diagnostics }) => {
                Err(Rejected { sources, diagnostics: diagnostics.about(&side.name) })
            }
        }
    }

    /// Plans a runbook; returns beside it what a run of it would refuse.
    fn plan(
        &self,
        name: &str,
        (files, path): (SharedFileSystem, PathBuf),
    ) -> Result<(Subject, Vec<String>), Rejected> {
        let Self { azure, screen, salt } = *self;
        let runbook = RunbookArguments { path, values: ValueArguments { given: Vec::new() } };
        let loaded = runbook.load_for_review(&files, &registry(azure), screen)?;
        let here = ForMachine::any(&**azure);
        let hidden = loaded.warnings.iter().filter(|found| found.code == DIRECTION).map(|found| {
            let place = found.primary.as_ref().map(|label| {
                let (file, line) =
                    (loaded.sources.file(label.span.file), loaded.sources.start(label.span).line);
                format!("{}:{line}", file.path().display())
            });
            let place = place.unwrap_or_default();
            format!("{name} hides something from its readers at {place}: {}.", found.summary)
        });
        let refused = loaded.refused.iter().map(|found| {
            let place = found.address.as_ref().map(|address| format!(" ({address})")).unwrap_or_default();
            format!("{name} cannot run: {}{place}.", found.summary)
        });
        let made = (&loaded.plan, &*loaded.runbook, &loaded.sources);
        let subject = Subject::of_plan(name.to_owned(), made, &here, salt);
        Ok((subject, refused.chain(hidden).collect()))
    }
}

/// Returns true if a revision has no file or directory at `path`.
fn is_absent(revision: &SharedFileSystem, path: &Path) -> bool {
    revision.kind(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

/// Returns the files of a revision with a runbook without blocks at `path`.
fn empty(revision: SharedFileSystem, path: &Path) -> SharedFileSystem {
    let is_file = path.is_file() || path.extension().is_some_and(|ending| ending == "hcl");
    let file = if is_file { path.to_owned() } else { path.join("empty.runbook.hcl") };
    Overlay::new(revision).with(&file, "").into()
}

/// Returns the error for a side that is neither a file nor a revision.
fn unknown(name: &str, error: &RevisionError) -> Diagnostic {
    told(error)
        .detail(format!("There is no file or directory `{name}`, so it was taken for a revision in git."))
        .help("name a runbook, a plan file, or a revision such as `HEAD~1`")
}
