//! Requests and responses, independent of the transport.

mod answer;
mod call;
mod query;
mod target;

pub(crate) use answer::{Answer, Refused};
pub(crate) use call::Call;
pub(crate) use query::Query;
pub(crate) use target::{BadTarget, decode};
