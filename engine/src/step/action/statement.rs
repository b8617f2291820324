//! Describes a statement in a database.

use serde::{Deserialize, Serialize};

use super::{Audience, Text};
use crate::redact::Redact;

/// A statement that a step executes in a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The host and port of the server.
    pub host: Text,
    /// The name of the database.
    pub database: Text,
    /// The name of the user.
    pub user: Text,
    /// The protection of the connection.
    pub tls: Tls,
    /// The proof of the user's identity.
    pub credential: Credential,
    /// The text of the statement, without the values of its parameters.
    pub text: Text,
}

/// The protection of a connection to a database, in the words of libpq.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub enum Tls {
    /// Encrypted, with a certificate of a trusted authority for the host.
    #[default]
    #[serde(rename = "verify-full")]
    VerifyFull,
    /// Encrypted, with any certificate: whoever is in between can read and change everything.
    #[serde(rename = "require")]
    Require,
    /// Not encrypted.
    #[serde(rename = "disable")]
    Disable,
}

/// The proof of identity that a database gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// None.
    None,
    /// A password, if the connection has one.
    Password,
    /// An access token for this audience, in place of a password.
    Token(Audience),
}

impl Statement {
    /// Returns true if the connection of `actual` was planned by this one, apart from its names.
    pub(super) fn is_alike(&self, actual: &Self) -> bool {
        let credential = self.credential == actual.credential
            || (&self.credential, &actual.credential) == (&Credential::Password, &Credential::None);
        self.tls == actual.tls && credential
    }
}

impl Credential {
    /// Returns the audience of the token, if it is one.
    #[must_use]
    pub fn audience(&self) -> Option<&Audience> {
        match self {
            Self::Token(audience) => Some(audience),
            Self::None | Self::Password => None,
        }
    }
}

impl Tls {
    /// Returns the word of libpq for it: `verify-full`, `require` or `disable`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyFull => "verify-full",
            Self::Require => "require",
            Self::Disable => "disable",
        }
    }

    /// Returns a warning about a weaker protection, as a clause; none for the usual one.
    #[must_use]
    pub const fn weakness(self) -> Option<&'static str> {
        match self {
            Self::VerifyFull => None,
            Self::Require => Some("with TLS that trusts any certificate"),
            Self::Disable => Some("without TLS"),
        }
    }
}
