//! The one type in which every stage's errors end, and its renderers.

#[expect(clippy::module_inception, reason = "the noun of this folder is its first file")]
mod diagnostic;
mod diagnostics;

pub use diagnostic::{Diagnostic, Label, Severity, Shown};
pub use diagnostics::Diagnostics;
