//! The functions of JMESPath, one table row each.

#![expect(
    clippy::unnecessary_wraps,
    reason = "the functions in the table have one shape, whether or not they can fail"
)]

mod call;
mod collections;
mod function;
mod numbers;
mod order;
mod parameter;
mod texts;
mod types;

pub(super) use function::Function;
