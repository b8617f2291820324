//! What would happen.
//!
//! [`make`] evaluates everything that can be evaluated without the network: what a step gives is unknown, of the type
//! its schema says. The run uses the same evaluation, with what the steps really gave.

mod definition;
mod evaluate;
mod grow;
mod make;
mod pending;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod plan;
mod repetition;
mod rule;
mod show;
mod shown;
mod site;
mod slots;
mod state;
mod unfold;

pub use definition::definition;
pub use evaluate::{arguments, duration, prepare, timeout};
pub use make::{check, make, value};
pub use pending::with_marks;
pub use plan::{Plan, PlannedOutput, PlannedStep, PlannedToken};
pub use rule::{Subject, check_all};
pub use show::{show, to_json};
pub(crate) use shown::SENSITIVE;
pub use shown::{shown, teach, teach_plan};
pub use site::Site;
pub use slots::{Later, Slots};
pub use state::State;
pub use unfold::{Instances, instances, unfold};
