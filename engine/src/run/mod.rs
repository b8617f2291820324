//! Doing what the plan says.
//!
//! [`run`] drives a [`Schedule`], which is a pure state machine: it is told what finished and says what may start. One
//! dispatcher owns everything that changes and puts the events in order; steps are futures that share nothing but the
//! channel they report progress through.

mod aftermath;
mod attempt;
mod change;
mod clock;
mod critical;
mod dispatcher;
mod ending;
mod event;
mod execute;
mod facts;
mod failure;
mod held;
mod intent;
pub mod mailbox;
mod observer;
mod past;
mod prior;
mod recall;
mod repeated;
mod resume;
mod schedule;
mod stopping;
mod stream;
mod summary;
mod survey;
mod tries;
mod undo;

pub use critical::{CriticalPath, Link};
pub use dispatcher::{Job, run};
pub use event::{Event, FORMAT, Record, doing};
pub use facts::{CallFacts, Cause, Lineage};
pub use failure::described;
pub use held::Held;
pub use intent::{Comparison, Intent, is_same_target, targets};
pub use observer::{Observer, Observers, Stored};
pub use past::{Deed, DeedOutcome, Deeds, Past, Principal};
pub use resume::check as check_resume;
pub use schedule::{Completion, Schedule, Skip, Start, Stop};
pub use summary::{Ends, Report, Status, Summary};
pub use survey::survey;
pub use undo::{Undo, UndoJob, UndoStep, undo};
