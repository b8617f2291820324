//! A service's error response, in any of its formats.

#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod envelope;
mod json;
mod markup;

pub(crate) use envelope::clean;
pub(super) use envelope::{Envelope, Word};
