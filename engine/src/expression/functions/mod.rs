//! Implements the functions that expressions call.
//!
//! Each function is declared once, as data ([`Function`]), in the file of its family; [`find`] and [`names`]
//! read the declarations. [`call`] checks the arguments and runs a function; only bodies that declare so
//! receive unknowns and marks.
//!
//! The functions `try`, `can`, `type`, `templatefile` and `templatestring` evaluate their arguments
//! themselves, so the evaluator implements them; it checks for those names before [`call`].

mod arguments;
mod call;
mod cipher;
mod collection;
mod context;
mod conversion;
mod date;
mod encoding;
mod failure;
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
mod result_type;
mod sensitivity;
mod sets;
mod string;
mod terraform;
#[cfg(test)]
mod testing;
mod yaml;

pub use call::{CallError, call, depends_on_machine};
pub use context::{Clock, Context, Reach};
pub(super) use file::read_inside;
pub use file::{reads_content, reads_files};
pub use files::{Files, ReadFile};
pub use function::{Accepts, Example, Function, Parameter};
pub use registry::{find, names};
