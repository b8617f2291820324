//! The state that a lab keeps in a file between its runs.

mod document;
mod keeper;

pub use document::StateError;
pub(crate) use document::{Document, Parts};
pub(crate) use keeper::Keeper;
