//! Signatures of plans and records.

mod keys;
#[cfg(unix)]
mod peers;
mod reported;
mod signed;
mod support;
mod tampered;
