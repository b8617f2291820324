//! Defines the mistakes of templates.

use std::ops::Range;

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::source::{FileId, Span};

/// A mistake in a template, at a place in its text.
pub(super) struct Fault {
    pub at: Range<usize>,
    pub reason: String,
    /// The remedy.
    pub help: Option<String>,
    /// True if nothing can render the template; otherwise only what is used decides it.
    pub is_certain: bool,
}

impl Fault {
    /// Returns the message about the template in `file`.
    pub fn diagnostic(self, file: FileId) -> Diagnostic {
        let Self { at, reason, help, is_certain } = self;
        let found = Diagnostic::error("bad-template", "this template cannot be read");
        let name = || Diagnostic::warning("unknown-name", "the template uses a name that it does not get");
        let found = if is_certain { found } else { name() };
        found.at(Span::new(file, at), reason).maybe_help(help)
    }
}

/// Returns the remedy for a name that a template does not get.
pub(super) fn help(name: &str, names: &[&str]) -> String {
    did_you_mean(name, names.iter().copied()).unwrap_or_else(|| format!("give it: `{{ {name} = … }}`"))
}
