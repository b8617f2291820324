//! Runs programs on this machine, without a shell.

mod capture;
mod command;
mod failure;
mod inherited;
mod pipes;
mod private_file;
mod program;
mod reaper;

pub(crate) use capture::{Capture, LONGEST};
pub(crate) use command::{Command, End, Finished};
pub(crate) use failure::Failure;
pub(crate) use inherited::{is_default, is_withheld, reveals_password};
pub(crate) use private_file::{PRIVATE_FILE, PrivateFile};
pub(crate) use program::why_missing;
pub(crate) use reaper::Reaper;
