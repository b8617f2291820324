//! Redacts secrets from all output.
//!
//! [`Secrets`] holds every secret of a run, in every encoding that output may contain. [`RedactingWriter`] is
//! the last stage of every output and replaces them by `(sensitive)`. It is the last line of defence: marked
//! values are never formatted in the first place. Data written as JSON is [`Redact`]ed by its types before.

mod blotted;
mod digest;
mod encodings;
mod json;
mod matcher;
mod message;
mod needle;
mod seal;
mod secrets;
mod typed;
mod writer;

pub use arcbook_derive::Redact;
pub use blotted::may_be_same;
pub use digest::Digests;
pub use json::redact_json;
pub use seal::Salt;
pub use secrets::Secrets;
pub use typed::{Redact, Words};
pub use writer::RedactingWriter;

/// The text in place of a secret.
pub const REPLACEMENT: &str = "(sensitive)";

#[cfg(test)]
mod tests;
