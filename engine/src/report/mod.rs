//! Reports a run or a plan: one document for people who judge it, without the network.
//!
//! A [`Document`] is a list of sections. [`Document::html`] writes one file with its pictures, [`Document::markdown`] the
//! same text for other tools, and [`junit`] the steps of a run as test cases.

mod beginning;
mod changes;
mod document;
mod drawing;
mod grouping;
mod html;
mod junit;
mod markdown;
mod mismatch;
mod of_plan;
mod of_run;
mod outcome;
mod permissions;
mod reported_run;
mod secrets;
mod signature;
mod steps;
mod timeline;
mod verification;

pub use beginning::beginning;
pub use document::{Block, Document, Fold, Section};
pub use junit::junit;
pub use of_plan::of_plan;
pub use of_run::of_run;
pub use reported_run::{PlanBeside, ReportedRun};
pub use signature::{Signature, SignedFile};
