//! Files to runbook.

use std::path::Path;

use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::step::Registry;
use crate::syntax::{self, read_source};

use super::{Files, Names, Runbook, Settings, check, read};

/// Reads and checks the runbook made of `files`; warnings go to `found`, with the errors when there are any.
///
/// The sources stay good for rendering whatever was found.
pub fn load(
    files: &Files,
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Runbook> {
    let mut runbook = empty(files);
    let mut bodies = Vec::new();
    for path in &files.runbook {
        if let Some(body) = found.take(parse(path, &mut runbook, sources)) {
            bodies.push(body);
        }
    }
    let readable = !found.has_errors();
    for body in bodies {
        found.append(read::file(&mut runbook, body, registry));
    }
    // What a file that cannot be read declares is missing; to complain of each use of it would help nobody.
    if readable {
        check::check(&runbook, found);
    }
    (!found.has_errors()).then_some(runbook)
}

fn parse(path: &Path, runbook: &mut Runbook, sources: &mut Sources) -> Result<syntax::Body, Diagnostics> {
    let file = sources.add(read_source(path)?);
    runbook.files.push(file);
    syntax::parse(sources, file)
}

fn empty(files: &Files) -> Runbook {
    Runbook {
        directory: files.directory.clone(),
        name: files.name.clone(),
        files: Vec::new(),
        settings: Settings::default(),
        variables: Vec::new(),
        locals: Vec::new(),
        steps: Vec::new(),
        outputs: Vec::new(),
        names: Names::default(),
    }
}
