//! Lays out text for people: a page of aligned rows that wrap at words.

mod foreign;
mod ink;
mod markdown;
mod page;
mod part;
mod table;
mod terminal;
mod wrap;

pub use foreign::one_line;
pub use ink::Ink;
pub use page::{Page, under};
pub use table::Row;
