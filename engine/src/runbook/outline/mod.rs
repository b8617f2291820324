//! Describes a runbook as data with places, for editors and other readers of the source text.

mod block;
mod name_use;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod outline;
mod references;

pub use block::{OutlineArgument, OutlineBlock};
pub use name_use::{Declaration, NameKind, NameUse};
pub use outline::Outline;
