//! Keeps secrets out of whatever is written.
//!
//! [`Secrets`] knows every secret of a run in every encoding that output may hold it in; [`RedactingWriter`] sits at
//! the bottom of every output and writes `(sensitive)` in their place. It is the last net: values that are marked are
//! never formatted in the first place. Data that goes out as JSON is [`Redact`]ed by its types before it is written.

mod blotted;
mod encodings;
mod json;
mod matcher;
mod needle;
mod seal;
mod secrets;
mod typed;
mod writer;

pub use arcbook_derive::Redact;
pub use blotted::may_be_same;
pub use json::redact_json;
pub use seal::Salt;
pub use secrets::Secrets;
pub use typed::{Redact, Words};
pub use writer::RedactingWriter;

/// What is written in place of a secret.
pub const REPLACEMENT: &str = "(sensitive)";

#[cfg(test)]
mod tests;
