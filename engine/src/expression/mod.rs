//! Expressions: what they evaluate to.

mod constant;
mod evaluate;
pub mod functions;
mod scope;
#[cfg(test)]
mod tests;
mod type_expression;

pub use constant::constant;
pub use evaluate::{evaluate, function_names};
use scope::unknown_name;
pub use scope::{Bindings, Resolved, Scope};
pub use type_expression::type_constraint;
