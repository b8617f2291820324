//! Reads and changes files on this machine.

mod attributes;
mod change;
mod input;
mod owner;
mod siblings;
mod state;
mod trouble;

pub(crate) use attributes::Attributes;
pub(crate) use change::{keep, make_directories, put, remove, set_attributes};
pub(crate) use input::{LONGEST, open, path, read};
pub(crate) use owner::{group_id, user_id};
pub(crate) use siblings::Siblings;
pub(crate) use state::FileState;
pub(crate) use trouble::Trouble;
