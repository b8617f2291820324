//! Fault injection.

mod arm;
mod model;
mod parse;
mod plan;

pub use arm::{Denial, OperationFault};
pub use model::{Fault, FaultKind, RetryAfter, Times};
pub use parse::FaultError;
pub(crate) use plan::Faults;
