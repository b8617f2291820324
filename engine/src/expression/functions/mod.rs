//! The functions that expressions call.
//!
//! A function is declared once, as data ([`Function`]), in the file of its family; [`find`] and [`names`] read the
//! declarations and [`call`] runs one over values: it checks the arguments, and keeps unknowns and marks out of the
//! bodies that do not deal with them.
//!
//! Functions that evaluate expressions themselves are no part of this: `try`, `can`, `type`, `templatefile` and
//! `templatestring`. The evaluator looks for those names first and then calls [`call`].

mod arguments;
mod call;
mod cipher;
mod collection;
mod context;
mod conversion;
mod date;
mod encoding;
mod file;
mod files;
mod format;
mod function;
mod hash;
mod list;
mod mapping;
mod network;
mod numeric;
mod path;
mod query;
mod regex;
mod registry;
mod sensitivity;
mod sets;
mod string;
mod terraform;
#[cfg(test)]
mod testing;
mod yaml;

pub use call::{CallError, call};
pub use context::{Clock, Context, Reach};
pub use file::reads_files;
pub use files::{Files, ReadFile};
pub use function::{Accepts, Function, Parameter};
pub use registry::{find, names};
