//! Computes the permissions that requests to Azure Resource Manager need.
//!
//! The names follow a rule that about 99 of 100 documented paths keep; `exceptions.rs` has those that matter.

mod exceptions;
mod path;
mod rule;
mod url;

pub(crate) use path::{Path, Segment, scope};
pub use rule::{ANY, arm};
pub(crate) use url::of_url;
