//! A client of PostgreSQL: it connects, runs one statement, and returns the rows as values.

mod connection;
mod decode;
mod entra;
mod failure;
mod keywords;
mod parameter;
mod pgpass;
mod psql;
mod query;
mod scan;
mod server;
mod sqlstate;
mod tls;
mod uri;

pub use connection::Connection;
pub(crate) use connection::SslMode;
pub(crate) use connection::check_host;
pub(crate) use entra::{audience, check_token, check_token_host};
pub(crate) use failure::{Failed, Failure, Stage, Told};
pub(crate) use pgpass::{Wanted, read as read_password_file};
pub(crate) use query::{Answer, Query, Way, run};
pub(crate) use scan::check as check_statement;
pub(crate) use server::Server;
