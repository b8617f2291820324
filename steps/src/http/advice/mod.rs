//! Remedies for failed requests.
//!
//! The error code decides, not the status: each service has a table of its codes ([`arm`], [`key_vault`],
//! [`blob`], [`agent`]), [`anyone`] has the codes that all of them use, and [`guarded`] the codes that a
//! service returns itself and ARM passes on. To support another code, add it to a row.

mod agent;
mod anyone;
mod arm;
mod blob;
mod entra;
mod facts;
mod failure;
mod graph;
mod guarded;
mod key_vault;
mod refusal;
mod row;

pub(super) use failure::of_failure;
pub(super) use refusal::{Refused, of_refusal};
