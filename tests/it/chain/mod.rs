//! Changes to the world, the runbook or the records between a run and the one that resumes or undoes it.

mod order;
mod resumed;
mod support;
mod undone;

pub use support::{RESUME, UNDO, forged, holds, stopped};
