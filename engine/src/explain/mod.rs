//! The language for people who write it, and for tools that help them: step types, blocks and functions by name.
//!
//! Nothing is said here that is not declared elsewhere: a step type has its schema, a block its
//! [`BlockType`](crate::runbook::BlockType), a function its description and example. Tests evaluate or load every example.

mod arguments;
mod block;
mod function;
mod identity_kind;
mod lines;
mod step_type;
mod topic;

pub use topic::{Group, Topic, find, topics};
