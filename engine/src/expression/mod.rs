//! Expressions: what they refer to and what they evaluate to.

pub mod functions;
