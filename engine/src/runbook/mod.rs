//! Loads and checks the declarations of a runbook.
//!
//! [`load`] reads a directory or a file and returns a [`Runbook`], in which every name resolves unless there
//! are errors. All errors in all files, modules included, are reported together. Only constants are evaluated
//! here.

mod block_type;
mod check;
mod constant;
mod control;
mod declared;
mod expressions;
mod files;
mod identity;
mod inputs;
mod lint;
mod load;
mod missing;
mod module;
mod names;
mod outline;
mod queries;
mod read;
mod record_block;
mod references;
mod repetition;
mod rule;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod runbook;
mod secrecy;
mod secret_places;
mod step;
mod typed_block;
mod unknown_attribute;
mod variable;

pub use block_type::{Absent, BlockArgument, BlockType};
pub(crate) use check::reference_error;
pub use control::{Backoff, Control, OnError, Retry, RunOn, Until};
pub use files::Files;
pub use identity::Identity;
pub use inputs::{Input, Inputs, Missing, Variables, quote_nothing};
pub(crate) use lint::reordering;
pub use load::{load, without_consequences};
pub use module::Module;
pub use names::{Names, Target};
pub use outline::{Declaration, NameKind, NameUse, Outline, OutlineArgument, OutlineBlock};
pub use read::{BLOCKS, IDENTITY, RECORD, STEP};
pub use record_block::RecordBlock;
pub use repetition::Repetition;
pub use rule::{Check, Rule};
pub use runbook::{Local, Output, Runbook, Settings, SharedLimit};
pub use secrecy::Secrecy;
pub use secret_places::SecretPlaces;
pub use step::{Extract, Query, Step};
pub use typed_block::TypedBlock;
pub use unknown_attribute::Given;
pub use variable::Variable;
