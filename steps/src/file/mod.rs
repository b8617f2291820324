//! Reads and changes files on this machine.

mod attributes;
mod change;
mod directory;
mod hashing;
mod input;
mod open_file;
mod owner;
mod part;
mod partial;
mod siblings;
mod state;
mod trouble;

pub(crate) use attributes::{Attributes, has_mode, possible_mode, private_mode};
pub(crate) use change::{keeping, make_directories, move_back, place, put, remove, set_attributes};
pub(crate) use directory::{
    DirectoryState, NEW_DIRECTORY, check_expendable, make_directory, not_empty, remove_directory,
    set_directory_attributes,
};
pub(crate) use hashing::{Hashing, md5};
pub(crate) use input::{LONGEST, names_a_file, path, read};
pub(crate) use open_file::OpenFile;
pub(crate) use owner::{group_id, user_id};
pub(crate) use part::FilePart;
pub(crate) use partial::{Partial, discard};
pub(crate) use siblings::Siblings;
pub(crate) use state::{FileIdentity, FileState, md5_of};
pub(crate) use trouble::Trouble;
