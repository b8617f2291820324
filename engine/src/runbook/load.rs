//! Files to runbook.

use crate::diagnostic::Diagnostics;
use crate::source::Sources;
use crate::step::Registry;
use crate::syntax::{self, read_source};

use super::missing::Missing;
use super::{Files, Names, Runbook, Settings, check, read, suspicious};

/// Reads and checks the runbook made of `files`; what is suspicious in it is looked for when nothing is wrong. Warnings go to `found`, with the errors when there are any.
///
/// The sources stay good for rendering whatever was found.
pub fn load(
    files: &Files,
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Option<Runbook> {
    let runbook = load_part(files, registry, sources, found);
    if found.has_errors() {
        return None;
    }
    suspicious::check(&runbook, sources, found);
    found.tidy();
    Some(runbook)
}

/// As [`load`], but gives what could be understood, whatever is wrong.
///
/// What could not be read is [`Invalid`](syntax::ExpressionKind::Invalid) in it, or missing.
pub fn load_part(
    files: &Files,
    registry: &Registry,
    sources: &mut Sources,
    found: &mut Diagnostics,
) -> Runbook {
    let mut runbook = empty(files);
    let mut missing = Missing::default();
    let mut bodies = Vec::new();
    for path in &files.runbook {
        match read_source(path) {
            Ok(source) => {
                let file = sources.add(source);
                runbook.files.push(file);
                let parsed = syntax::parse(sources, file);
                found.append(parsed.found);
                missing.note(&parsed.body, sources.file(file).text());
                bodies.push(parsed.body);
            }
            Err(error) => {
                found.push(*error);
                missing.note_file();
            }
        }
    }
    for body in bodies {
        found.append(read::file(&mut runbook, body, registry));
    }
    check::check(&runbook, &missing, found);
    found.tidy();
    runbook
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
