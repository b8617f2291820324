//! Shows a journal to people.

mod events;
mod front;
mod problems;
mod requests;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod show;
mod verdict;
mod view;
mod who;

pub use show::{first_page, show};
pub(super) use verdict::told;
pub use view::{Extent, RunView};
