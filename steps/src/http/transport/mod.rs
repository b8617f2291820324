//! The transport: from a URL to a connection over which one request and its answer go.
//!
//! It is of our own for the sake of one thing: an answer that comes before the request was sent to its end is read
//! ([`Connection`]), where HTTP libraries report the write that failed.

mod connection;
mod connector;
mod pieces;
mod resolve;
mod warm;

pub(super) use connection::{Connection, Line};
pub(super) use connector::{Connector, TimedOut};
pub(super) use pieces::Pieces;
pub(super) use warm::{Parking, Warming};

/// Why there is no connection.
type BoxError = Box<dyn std::error::Error + Send + Sync>;
