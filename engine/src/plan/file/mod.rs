//! Saves a plan as a file, so that one person can review it and another run exactly that plan.
//!
//! A [`PlanFile`] holds the listing of a plan and the digests of everything that it was made from. To run
//! one, arcbook plans the runbook again, makes a second file of that plan, and reports their
//! [`differences`](PlanFile::differences). There is one way to make a plan, and only a plan made just now can
//! run.

mod canonical;
mod compare;
mod error;
mod facts;
mod made;
mod plan_file;
mod show;

pub use canonical::canonical;
pub use error::PlanFileError;
pub use facts::{FileDigest, FileFacts, files_beside, read_files, runbook_files};
pub use made::{Bound, Made};
pub use plan_file::{PlanFile, PlanFileInput};
pub use show::show;
