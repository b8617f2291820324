//! Reads values from outside the runbook: from variable files, the environment and the command line.

mod confidential;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod inputs;
mod json_file;
mod variables;

pub use confidential::quote_nothing;
pub use inputs::{Input, Inputs, Missing};
pub use variables::Variables;
