//! Describes a statement in a database.

use super::{Audience, Text};

/// A statement that a step executes in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The host and port of the server.
    pub host: Text,
    /// The name of the database.
    pub database: Text,
    /// The text of the statement, without the values of its parameters.
    pub text: Text,
    /// The audience of the token that serves as the password; none if another password does.
    pub audience: Option<Audience>,
}
