//! The parts of a call of `templatefile` that are written out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::runbook::Runbook;
use crate::source::{relative, whole};
use crate::syntax::{Expression, ExpressionKind, TemplatePart};

/// The size limit of a file, in bytes.
const MAX_FILE: u64 = 1 << 20;

/// Returns the path, from the directory of the runbook that is run, when it is written out or begins with `path.module`.
pub(super) fn written_path(path: &Expression, runbook: &Runbook, base: &Path) -> Option<String> {
    match &path.kind {
        ExpressionKind::Literal(value) => value.as_str().map(ToOwned::to_owned),
        ExpressionKind::Template(template) => match template.parts.as_slice() {
            [TemplatePart::Interpolation(first), TemplatePart::Text(rest)] => {
                let folder = match first.as_reference()?.to_string().as_str() {
                    "path.module" => &runbook.directory,
                    "path.root" => base,
                    _ => return None,
                };
                Some(format!("{}{rest}", relative(base, folder)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Returns the names of the variables, if they are written out.
pub(super) fn names(variables: &Expression) -> Option<Vec<Arc<str>>> {
    let ExpressionKind::Object(items) = &variables.kind else { return None };
    let name = |key: &Expression| match &key.kind {
        ExpressionKind::Literal(value) => value.as_str().map(Arc::from),
        _ => None,
    };
    items.iter().map(|item| name(&item.key)).collect()
}

/// Returns the text of a file, if it lies in the directory of the runbook that is run, or in that of the module.
pub(super) fn read(path: &str, runbook: &Runbook, base: &Path) -> Option<String> {
    let file_system = &runbook.file_system;
    let full: PathBuf = base.join(path);
    let is_in = |folder: &Path| {
        let real = file_system.canonical(&full).ok().zip(file_system.canonical(folder).ok());
        whole(&full).starts_with(whole(folder)) && real.is_some_and(|(full, folder)| full.starts_with(folder))
    };
    if !is_in(base) && !is_in(&runbook.directory) {
        return None;
    }
    String::from_utf8(file_system.read(&full, MAX_FILE).ok()?).ok()
}
