//! The content of blobs: short pieces in memory, long ones in a temporary file.

#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod content;
mod spool;

pub(crate) use content::Content;
pub(crate) use spool::Spool;
