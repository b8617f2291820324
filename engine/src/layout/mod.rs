//! Lays out text for people: a page of aligned rows that wrap at words.

mod ink;
mod page;
mod table;
mod wrap;

pub use ink::Ink;
pub use page::Page;
pub use table::Row;
