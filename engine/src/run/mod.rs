//! Doing what the plan says.
//!
//! [`run`] drives a [`Schedule`], which is a pure state machine: it is told what finished and says what may start. One
//! dispatcher owns everything that changes and puts the events in order; steps are futures that share nothing but the
//! channel they report progress through.

mod attempt;
mod clock;
mod dispatcher;
mod ending;
mod event;
mod execute;
mod failure;
mod observer;
mod repeated;
mod schedule;
mod stopping;
mod summary;
mod tries;

pub use dispatcher::{Job, run};
pub use event::{CallFacts, Cause, Event, FileFacts, KEPT, Record, doing};
pub use failure::described;
pub use observer::{Observer, Observers, Stored};
pub use schedule::{Completion, Schedule, Skip, Start, Stop};
pub use summary::{Ends, Report, Status, Summary};
