//! Holds the source files of a runbook, and positions in them.

mod file;
mod path;
mod plain;
mod sources;
mod span;

pub use file::{BYTE_ORDER_MARK, Position, SourceFile, text_without_mark, without_mark};
pub use path::{relative, whole};
pub use plain::{open_plain, read_plain};
pub use sources::Sources;
pub use span::{FileId, Span, Spanned};
