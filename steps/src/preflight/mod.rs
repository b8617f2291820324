//! Asks the services whether identities hold the permissions that a plan needs, and changes nothing.
//!
//! Each identity asks for itself, with a token as in a run: Azure tells a caller about nobody else. Every request is an
//! action that a session sends, so firewall and retries are those of steps.

mod ask;
mod check;
mod held;
mod limits;
mod object;
mod policy;
mod scope;
mod verdict;

pub(crate) use ask::Asker;
pub(crate) use held::is_held;
pub(crate) use scope::arm_scope;

pub use check::{Checked, Claimant, check};
pub use verdict::Verdict;
