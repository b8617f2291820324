//! How connections come about, the same for both ways out.

mod resolve;
mod terms;
mod warm;
mod within;

pub(super) use resolve::Resolver;
pub(super) use terms::Terms;
pub(super) use warm::Parking;
pub(super) use within::{Limited, TimedOut, Within};

/// Why there is no connection.
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;
