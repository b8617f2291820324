//! Signatures of plans and records.

mod cut;
mod keys;
#[cfg(unix)]
mod peers;
mod reported;
mod signed;
mod support;
mod tampered;

pub use support::with_keys;
