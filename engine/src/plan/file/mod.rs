//! A plan as a file: reviewed by one, run by another, and run as it was reviewed or not at all.
//!
//! A [`PlanFile`] is what a plan lists, with the digests of everything that it was made from. To run one, the plan is
//! made anew from the runbook where it lies, as a second file, and [`differences`](PlanFile::differences) tells what is
//! not the same in both. So there is one way to make a plan, and none to run another one than was made just now.

mod canonical;
mod compare;
mod error;
mod facts;
mod plan_file;
mod show;

pub use canonical::canonical;
pub use error::PlanFileError;
pub use facts::{FileDigest, FileFacts, read_files};
pub use plan_file::{PlanFile, PlanFileInput};
pub use show::show;
