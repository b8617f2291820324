//! Lays out text for people: a page of aligned rows that wrap at words.

mod flow;
mod foreign;
mod html;
mod ink;
mod markdown;
mod markup;
mod page;
mod part;
mod table;
mod terminal;
mod wrap;

pub use flow::{flowed, flowed_line};
pub use foreign::one_line;
pub use ink::Ink;
pub use markup::escape_markup;
pub use page::{Page, under};
pub use table::Row;
pub use wrap::width;
