//! Implements the functions of JMESPath, with one table row per function and one file per family.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the functions in the table have one shape, whether or not they can fail"
)]

mod arguments;
mod call;
mod collections;
mod described;
mod find;
mod foreign;
mod function;
mod numbers;
mod order;
mod pairs;
mod parameter;
mod registry;
mod table;
mod texts;
mod trim;
mod types;

pub(super) use foreign::{form, meant};
pub(super) use function::Function;
pub use function::{Example, FunctionDocs};
