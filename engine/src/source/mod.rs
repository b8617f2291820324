//! The files a runbook was read from, and places in them.

mod file;
mod sources;
mod span;

pub use file::{Position, SourceFile};
pub use sources::Sources;
pub use span::{FileId, Span, Spanned};
