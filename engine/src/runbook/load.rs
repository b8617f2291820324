//! Files to runbook.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;
use crate::step::Registry;
use crate::syntax::{self, read_source};

use super::{Files, Module, Runbook, check, read};

/// Reads and checks the runbook made of `files`, and those of its modules; warnings go to `found`, with the errors when
/// there are any.
///
/// The sources stay good for rendering whatever was found.
pub fn load(
    files: &Files,
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Arc<Runbook>> {
    let mut loader = Loader { registry, sources, found, loaded: HashMap::new(), open: Vec::new() };
    let runbook = loader.load(files);
    (!found.has_errors()).then_some(runbook)
}

struct Loader<'a> {
    registry: &'a Registry,
    sources: &'a mut Sources,
    found: &'a mut Diagnostics,
    /// The runbooks that were read, by their first file.
    loaded: HashMap<PathBuf, Arc<Runbook>>,
    /// The first files of the runbooks that are being read, the outermost first.
    open: Vec<PathBuf>,
}

impl Loader<'_> {
    fn load(&mut self, files: &Files) -> Arc<Runbook> {
        let mut runbook = Runbook::new(files);
        let readable = self.declarations(&mut runbook, files);
        self.open.push(identity(files));
        let mut modules = std::mem::take(&mut runbook.modules);
        for module in &mut modules {
            if let Some(used) = self.module(module, &runbook.directory) {
                module.runbook = used;
            }
        }
        runbook.modules = modules;
        self.open.pop();
        // What a file that cannot be read declares is missing; to complain of each use of it would help nobody.
        if readable {
            check::check(&runbook, self.found);
        }
        Arc::new(runbook)
    }

    /// Adds what the files declare; whether all of them could be read.
    fn declarations(&mut self, runbook: &mut Runbook, files: &Files) -> bool {
        let mut found = Diagnostics::new();
        let mut bodies = Vec::new();
        for path in &files.runbook {
            if let Some(body) = found.take(self.parse(path, runbook)) {
                bodies.push(body);
            }
        }
        let readable = !found.has_errors();
        self.found.append(found);
        for body in bodies {
            self.found.append(read::file(runbook, body, self.registry));
        }
        readable
    }

    fn parse(&mut self, path: &Path, runbook: &mut Runbook) -> Result<syntax::Body, Diagnostics> {
        let file = self.sources.add(read_source(path)?);
        runbook.files.push(file);
        syntax::parse(self.sources, file)
    }

    /// The runbook of a module of one that lies in `directory`; each is read once, however often it is used.
    fn module(&mut self, module: &Module, directory: &Path) -> Option<Arc<Runbook>> {
        let place = tidy(&directory.join(&module.source.value));
        let files = Files::find(&place).map_err(|error| error.at(module.source.span, "used here"));
        let files = self.found.take(files)?;
        let identity = identity(&files);
        if self.open.contains(&identity) {
            self.found.push(itself(module));
            return None;
        }
        if let Some(runbook) = self.loaded.get(&identity) {
            return Some(runbook.clone());
        }
        let runbook = self.load(&files);
        self.loaded.insert(identity, runbook.clone());
        Some(runbook)
    }
}

/// What tells one runbook from another, however its path is written.
fn identity(files: &Files) -> PathBuf {
    let first = files.runbook.first().unwrap_or(&files.directory);
    first.canonicalize().unwrap_or_else(|_| first.clone())
}

/// The path as a user would write it: without `.` in it.
fn tidy(path: &Path) -> PathBuf {
    let tidied: PathBuf = path.components().filter(|part| part.as_os_str() != ".").collect();
    if tidied.as_os_str().is_empty() { ".".into() } else { tidied }
}

fn itself(module: &Module) -> Diagnostic {
    Diagnostic::error("cycle", format!("the module `{}` contains itself", module.name.value))
        .at(module.source.span, "this leads back to a runbook around it")
        .help("take the part that both need into a module of its own")
}
