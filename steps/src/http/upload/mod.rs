//! The transport of requests with a body.
//!
//! It exists for one reason: it reads a response that arrives before the request is sent completely
//! ([`Connection`]), where HTTP libraries report the failed write.

mod connection;
mod connector;
mod pieces;
#[expect(clippy::module_inception, reason = "the noun of this folder is its main file")]
mod upload;

use connection::{Connection, Line, Stream};
use connector::Connector;
use pieces::Pieces;
pub(super) use upload::Upload;
