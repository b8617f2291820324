//! Loads a list of roles from a file.

use std::path::Path;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::source::{SourceFile, Sources, Span, read_plain, slashed, text_without_mark};
use arcbook_steps::roles::{self, RoleTable};

use crate::loaded::Rejected;

/// The maximum size of a list, in bytes: several times that of all built-in roles with their descriptions.
const LONGEST: u64 = 64 << 20;

/// The command that writes a list.
const REMEDY: &str = "`az role definition list -o json` writes such a file";

/// Reads the roles in the file at `path`, which `az role definition list -o json` has written.
pub fn read(path: &Path) -> Result<RoleTable, Rejected> {
    let unreadable = |reason: String| -> Rejected {
        let summary = format!("the roles in {} cannot be read", path.display());
        Box::new(Diagnostic::error("file-not-readable", summary).detail(reason).help(REMEDY)).into()
    };
    let bytes = read_plain(path, LONGEST).map_err(|error| unreadable(format!("{error}.")))?;
    let text = String::from_utf8(bytes).map_err(|_| unreadable("The file is not UTF-8.".to_owned()))?;
    let text = text_without_mark(&text);
    roles::read(text, &slashed(path)).map_err(|error| {
        let mut sources = Sources::new();
        let file = sources.add(SourceFile::new(path, text.to_owned()));
        let end =
            text[error.offset..].chars().next().map_or(error.offset, |next| error.offset + next.len_utf8());
        let summary = format!("{} is no list of roles", path.display());
        let diagnostic = Diagnostic::error("invalid-roles", summary)
            .at(Span::new(file, error.offset..end), error.reason)
            .help(REMEDY);
        Rejected { sources, diagnostics: Diagnostics::from(diagnostic) }
    })
}
