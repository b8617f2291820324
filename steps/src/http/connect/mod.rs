//! Connection setup, shared by both transports.

mod resolve;
mod terms;
mod warm;
mod within;

pub(super) use resolve::Resolver;
pub(crate) use resolve::addresses;
pub(super) use terms::Terms;
pub(crate) use terms::Trial;
pub(super) use warm::Parking;
pub(super) use within::{Limited, TimedOut, Within};

/// The error of a connection attempt.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
