//! Lays out text for people: a page of aligned rows that wrap at words.

mod foreign;
mod ink;
mod page;
mod table;
mod wrap;

pub use foreign::one_line;
pub use ink::Ink;
pub use page::{Page, under};
pub use table::Row;
