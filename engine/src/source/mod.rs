//! The files a runbook was read from, and places in them.

mod file;
mod read;
mod sources;
mod span;

pub use file::{Position, SourceFile};
pub use read::{MAX_FILE, read_source};
pub use sources::Sources;
pub use span::{FileId, Span, Spanned};
