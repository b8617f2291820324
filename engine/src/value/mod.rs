//! Values: what expressions evaluate to.
//!
//! A [`Value`] is data or unknown, and carries [`Marks`]. Unknowns are what makes a plan possible; marks are what
//! makes a leak visible. Containers are shared, so cloning a value costs a reference count.

mod kind;
mod marks;
mod number;
mod quote;
mod unknown;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod value;

pub use kind::{ObjectType, Type};
pub use marks::Marks;
pub use number::Number;
pub(crate) use quote::push_escaped;
pub use quote::quote;
pub use unknown::{Origin, Origins, Unknown};
pub use value::{Data, Entries, Value};
