//! What would happen.
//!
//! [`make`] evaluates everything that can be evaluated without the network: what a step gives is unknown, of the type
//! its schema says. The run uses the same evaluation, with what the steps really gave.

mod address;
mod answers;
mod control;
mod count;
mod ephemeral;
mod evaluate;
mod extent;
pub mod file;
mod fingerprint;
mod given;
mod grow;
mod index;
mod listing;
mod make;
mod marking;
mod pending;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod plan;
mod prospect;
mod recorded;
mod repetition;
mod rule;
mod selection;
mod show;
mod shown;
mod site;
mod slots;
mod state;
mod touches;
mod unfold;
mod when;

pub use address::{Address, shape};
pub use answers::{Answer, Answered, Answers, Source};
pub use control::{Backoff, Limits, Passing, Retry, Until, When, limits};
pub use evaluate::{arguments, prepare};
pub use extent::{Extent, View};
pub use fingerprint::Fingerprints;
pub use given::object;
pub use index::{AddressIndex, StepIndex};
pub use listing::{ListedAnswers, Listing, Named};
pub use make::{check, make, outline, value};
pub use marking::{ArgumentMarks, Marking};
pub use pending::{nothing, object as pending};
pub use plan::{Plan, PlannedOutput, PlannedStep, PlannedToken};
pub use prospect::Prospect;
pub use recorded::{Recorded, recorded};
pub use rule::{Subject, check_all, holds};
pub use selection::{LeftOut, Selection, SelectionFacts, abridged};
pub use show::{show, show_listing, to_json};
pub(crate) use shown::{hidden, is_whole};
pub use shown::{shown, teach, teach_plan};
pub use site::Site;
pub use slots::{Later, Slots};
pub use state::State;
pub use unfold::{Instances, instances, unfold};
pub use when::{decide_all, of_step};
