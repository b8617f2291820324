//! Loads a runbook from its files.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::source::Sources;
use crate::step::Registry;
use crate::syntax::{self, read_source};

use super::declared::Declared;
use super::missing::Missing;
use super::queries::queries;
use super::{Files, Module, Runbook, check, lint, read};

/// Reads and checks the runbook in `files` and those of its modules; returns as much as could be read, even
/// with errors.
///
/// An unreadable expression is [`Invalid`](syntax::ExpressionKind::Invalid); other unreadable parts are
/// missing. Without errors, the rules of `lint` add warnings. The sources can render all diagnostics.
pub fn load(
    files: &Files,
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Arc<Runbook> {
    let mut loader = Loader {
        registry,
        sources,
        found,
        loaded: HashMap::new(),
        declared: Declared::default(),
        open: Vec::new(),
    };
    let runbook = loader.load(files);
    check::check_root(&runbook, loader.found);
    let Loader { loaded: modules, mut declared, .. } = loader;
    if !found.has_errors() {
        for runbook in modules.values().chain([&runbook]) {
            lint::check(runbook, &files.directory, sources, found);
        }
    }
    declared.name_in(found);
    found.tidy();
    runbook
}

/// Removes errors from `later`, found by evaluating an invalid runbook, that may only follow from `earlier`.
///
/// All names were checked before, so an error about a name is caused by an unreadable part.
#[must_use]
pub fn without_consequences(earlier: &Diagnostics, later: Diagnostics) -> Diagnostics {
    const FOLLOWS: [&str; 5] = [
        "unknown-reference",
        "incomplete-reference",
        "unknown-output",
        "undeclared-variable",
        "missing-variable",
    ];
    if !earlier.has_errors() {
        return later;
    }
    let place = |found: &Diagnostic| found.primary.as_ref().map(|label| label.span);
    let wrong: HashSet<_> = earlier.iter().filter_map(place).collect();
    let follows = |found: &Diagnostic| {
        FOLLOWS.contains(&found.code) || place(found).is_some_and(|place| wrong.contains(&place))
    };
    later.into_iter().filter(|found| !follows(found)).collect()
}

/// The largest allowed number of uses of modules; with two per level, each level doubles them.
const MAX_USES: usize = 10_000;
/// The depth limit of modules, since traversals use stack and time for each level.
const MAX_DEPTH: usize = 100;

struct Loader<'a> {
    registry: &'a Registry,
    sources: &'a mut Sources,
    found: &'a mut Diagnostics,
    /// The loaded runbooks, by their first file.
    loaded: HashMap<PathBuf, Arc<Runbook>>,
    /// The positions of their declarations.
    declared: Declared,
    /// The first files of the runbooks being loaded, outermost first.
    open: Vec<PathBuf>,
}

impl Loader<'_> {
    fn load(&mut self, files: &Files) -> Arc<Runbook> {
        let mut runbook = Runbook::new(files);
        let missing = self.declarations(&mut runbook, files);
        self.open.push(identity(files));
        let mut modules = std::mem::take(&mut runbook.modules);
        for module in &mut modules {
            let Some(used) = self.module(module, files) else { continue };
            runbook.uses = runbook.uses.saturating_add(used.uses);
            if runbook.uses > MAX_USES {
                self.found.push(too_many(module));
                break;
            }
            module.runbook = used;
        }
        runbook.uses += 1;
        runbook.modules = modules;
        self.open.pop();
        runbook.used = check::check(&runbook, &missing, self.found);
        runbook.queries = queries(&runbook).variables;
        Arc::new(runbook)
    }

    /// Adds the declarations of the files; returns the unreadable parts.
    fn declarations(&mut self, runbook: &mut Runbook, files: &Files) -> Missing {
        let mut missing = Missing::default();
        let mut bodies = Vec::new();
        for path in &files.runbook {
            match read_source(path, &*files.file_system) {
                Ok(source) => {
                    let file = self.sources.add(source);
                    runbook.files.push(file);
                    let parsed = syntax::parse(self.sources, file);
                    self.found.append(parsed.found);
                    missing.note(&parsed.body, self.sources.file(file).text(), self.registry);
                    self.declared.note(&parsed.body);
                    bodies.push(parsed.body);
                }
                Err(error) => {
                    self.found.push(*error);
                    missing.note_file();
                }
            }
        }
        runbook.steps.reserve_exact(bodies.iter().flat_map(|body| body.blocks_of("step")).count());
        for body in bodies {
            self.found.append(read::file(runbook, body, self.registry));
        }
        missing
    }

    /// Loads the runbook of a module that `user` uses; each runbook is read once, however often it is used.
    fn module(&mut self, module: &Module, user: &Files) -> Option<Arc<Runbook>> {
        let source = module.source.as_ref()?;
        let place = tidy(&user.directory.join(&source.value));
        let files =
            Files::find_in(&user.file_system, &place).map_err(|error| error.marked(source.span, "used here"));
        let files = self.found.take(files)?;
        let identity = identity(&files);
        if self.open.contains(&identity) {
            self.found.push(itself(module));
            return None;
        }
        if self.open.len() > MAX_DEPTH {
            self.found.push(too_deep(module));
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

/// Returns the identity of a runbook, which does not depend on the spelling of its path.
fn identity(files: &Files) -> PathBuf {
    let first = files.runbook.first().unwrap_or(&files.directory);
    files.file_system.canonical(first).unwrap_or_else(|_| first.clone())
}

/// Returns the path as a user would write it: without `.` components.
fn tidy(path: &Path) -> PathBuf {
    let tidied: PathBuf = path.components().filter(|part| part.as_os_str() != ".").collect();
    if tidied.as_os_str().is_empty() { ".".into() } else { tidied }
}

fn too_many(module: &Module) -> Diagnostic {
    Diagnostic::error("too-many-modules", format!("there are more than {MAX_USES} modules within modules"))
        .at(module.place(), "with this one")
        .help("use `for_each` in place of one block for each, or take out a level of modules")
}

fn too_deep(module: &Module) -> Diagnostic {
    let summary = format!("modules are nested more than {MAX_DEPTH} levels deep");
    Diagnostic::error("too-many-modules", summary)
        .at(module.place(), "one level too many")
        .help("reduce the nesting: let one module use several others instead of a chain")
}

fn itself(module: &Module) -> Diagnostic {
    Diagnostic::error("cycle", format!("the module `{}` contains itself", module.name.value))
        .at(module.place(), "this leads back to a runbook around it")
        .help("take the part that both need into a module of its own")
}
