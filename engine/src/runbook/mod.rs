//! The runbook: what its files declare, checked.
//!
//! [`load`] reads a directory or a file and gives a [`Runbook`] in which, when nothing is wrong, every name means
//! something: every error found in all files comes in one go, those of its modules included. Nothing is evaluated here
//! but constants.

mod check;
mod constant;
mod control;
mod duration;
mod expressions;
mod files;
mod inputs;
mod lint;
mod load;
mod missing;
mod module;
mod names;
mod read;
mod repetition;
mod rule;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod runbook;
mod secrecy;
mod step;
mod variable;

pub(crate) use check::reference_error;
pub use control::{Backoff, Control, OnError, Retry, RunOn, Until};
pub use duration::duration;
pub use files::Files;
pub use inputs::{Input, Inputs, Missing, Variables, quote_nothing};
pub use load::{load, without_consequences};
pub use module::Module;
pub use names::{Names, Target};
pub use repetition::Repetition;
pub use rule::{Check, Rule};
pub use runbook::{Local, Output, Runbook, Settings};
pub use secrecy::Secrecy;
pub use step::{Extract, Query, Step};
pub use variable::Variable;
