//! The runbook: what its files declare, checked.
//!
//! [`load`] reads a directory or a file and gives a [`Runbook`] in which every name means something: every error found
//! in all files comes in one go. Nothing is evaluated here but constants.

mod check;
mod constant;
mod files;
mod inputs;
mod load;
mod names;
mod read;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod runbook;

pub(crate) use check::reference_error;
pub use files::Files;
pub use inputs::{Input, Inputs, Missing};
pub use load::load;
pub use names::{Names, Target};
pub use runbook::{Extract, Local, Output, Query, Runbook, Settings, Step, Validation, Variable};
