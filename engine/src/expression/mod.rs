//! Expressions: what they evaluate to.

mod check;
mod evaluate;
pub mod functions;
mod scope;
#[cfg(test)]
mod tests;
mod tree;
mod type_expression;

pub use check::check;
pub use evaluate::{evaluate, function_names};
use scope::unknown_name;
pub use scope::{Bindings, Resolved, Scope};
pub use tree::Tree;
pub use type_expression::type_constraint;
