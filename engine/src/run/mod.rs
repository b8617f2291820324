//! Executes a plan.
//!
//! [`run`] drives a [`Schedule`], a pure state machine that receives the ends of nodes and returns the nodes
//! that may start. One dispatcher owns all mutable state and orders the events; steps are futures that share
//! nothing except the channel for their progress.

mod aim;
mod attempt;
mod change;
mod clock;
mod critical;
mod dispatcher;
mod ended;
mod ending;
mod event;
mod execute;
mod facts;
mod failure;
mod futures;
mod in_flight;
mod intent;
mod job;
pub mod mailbox;
mod mode;
mod observer;
mod origin;
mod partial_outcome;
mod place;
mod planning;
mod prior;
mod prior_run;
mod recall;
mod refresh;
mod repeated;
mod resume;
mod resumed;
mod reviewed_plan;
mod run_finished;
mod run_started;
mod running;
mod schedule;
mod skipping;
mod step_retries;
mod stop_signal;
mod stopping;
mod stops;
mod stream;
mod summary;
mod tally;
mod undo;
mod undo_plan;
mod undo_tokens;
mod undone;
mod values;

pub(crate) use clock::now;
pub use critical::{CriticalPath, Link};
pub use event::{Event, FORMAT, Record, doing};
pub use facts::{Cause, Lineage};
pub use failure::{UNCONFIRMED, described};
pub use intent::{Comparison, Intent, is_same_target, targets};
pub use job::Job;
pub use observer::{Observer, Observers, Stored};
pub use origin::{Approval, Origin, Versions};
pub use prior_run::{ChangeOutcome, Principal, PriorRun, RecordedChange, RecordedChanges};
pub use refresh::refresh;
pub use resume::check as check_resume;
pub use reviewed_plan::ReviewedPlan;
pub use run_finished::RunFinished;
pub use run_started::RunStarted;
pub use running::run;
pub use schedule::{Completion, Kept, Schedule, Skip, Start, Stop, Terms};
pub use stop_signal::StopSignal;
pub use summary::{Report, Status, StepResults, Summary};
pub use undo::{UndoJob, undo};
pub use undo_plan::{Undo, UndoKind, UndoStep};
pub use undone::Undone;
