//! What would happen.
//!
//! [`make`] evaluates everything that can be evaluated without the network: what a step gives is unknown, of the type
//! its schema says. The run uses the same evaluation, with what the steps really gave.

mod evaluate;
mod foreseen;
mod make;
mod pending;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod plan;
mod show;
mod shown;
mod state;

pub use evaluate::{arguments, local, output, prepare, timeout, validate};
pub use foreseen::foreseen;
pub use make::make;
pub use pending::with_marks;
pub use plan::{Plan, PlannedOutput, PlannedStep, PlannedToken};
pub use show::{show, to_json};
pub(crate) use shown::SENSITIVE;
pub use shown::{shown, teach, teach_plan};
pub use state::State;
