//! Computes the permissions that requests to Azure Resource Manager need.
//!
//! The names follow a rule that about 99 of 100 documented paths keep; `exceptions.rs` has those that matter.

mod exceptions;
mod path;
mod rule;
mod url;

pub(crate) use path::{Path, Segment, decoded, scope};
pub(crate) use rule::deploys;
pub use rule::{ANY, arm};
pub(crate) use url::of_url;
