//! The way out for requests that carry a body, over a transport of our own.
//!
//! It is of our own for the sake of one thing: an answer that comes before the request was sent to its end is read
//! ([`Connection`]), where HTTP libraries report the write that failed.

mod connection;
mod connector;
mod pieces;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod upload;

use connection::{Connection, Line, Stream};
use connector::Connector;
use pieces::Pieces;
pub(super) use upload::Upload;
