//! Reads the source files of a runbook, and holds them and positions in them.

mod confined;
mod disk;
mod file;
mod file_system;
mod overlay;
mod path;
pub mod pem;
mod plain;
mod revision;
mod shared;
mod sources;
mod span;

pub use confined::Confined;
pub use disk::Disk;
pub use file::{BYTE_ORDER_MARK, Position, SourceFile, text_without_mark, without_mark};
pub use file_system::{FileKind, FileSystem};
pub use overlay::Overlay;
pub use path::{comparable, is_elsewhere, relative, slashed, whole};
pub use plain::{open_pipe, open_plain, read_plain};
pub use revision::{Revision, RevisionError};
pub use shared::SharedFileSystem;
pub use sources::Sources;
pub use span::{FileId, Span, Spanned};
