//! Tests of `postgres_query` with a real server, over TLS.

mod answers;
mod changes;
pub mod entra;
mod logins;
mod refusals;
pub mod server;
mod stops;
