//! Remedies: what to do about a failure, where that is known.
//!
//! The code of an error decides, not its status: each service has a table of its codes ([`arm`], [`key_vault`],
//! [`blob`], [`agent`]), [`anyone`] has those that all of
//! them use, and [`guarded`] those that a service says itself and ARM passes on. To teach a further code, add it to a row.

mod agent;
mod anyone;
mod arm;
mod blob;
mod facts;
mod failure;
mod guarded;
mod key_vault;
mod refusal;
mod row;

pub(super) use failure::of_failure;
pub(super) use refusal::{Refused, of_refusal};
