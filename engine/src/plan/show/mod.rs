//! Shows a plan to people and tools.

mod after_run;
mod arguments;
mod details;
mod document;
mod fold;
mod front;
mod long_value;
mod order;
mod requests;
mod rights;
mod section;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod show;
mod step;
mod view;

pub use document::{document, to_listing, to_markdown};
pub use show::{show, show_listing, to_json};
pub use view::PlanView;
