//! Fault injection.

mod model;
mod parse;
mod plan;

pub use model::{Fault, FaultKind, RetryAfter, Times};
pub use parse::FaultError;
pub(crate) use plan::Faults;
