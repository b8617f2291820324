//! Defines the growth of privilege.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// An access that the old runbook did not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Growth {
    /// The kind.
    pub kind: GrowthKind,
    /// The access, in words.
    pub access: String,
    /// The addresses of the blocks that have it.
    pub blocks: Vec<String>,
}

/// The kinds of growth; `docs/diff.md` defines them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum GrowthKind {
    /// An identity needs a permission that it did not need.
    Permission,
    /// An identity needs a permission at a scope that its old scopes do not contain.
    Scope,
    /// An identity acts that did not act, or is another one under the same address.
    Identity,
    /// A step gives other rights, or changes a resource in another way, which may give rights.
    Rights,
    /// A step runs other code, here or on another machine.
    Code,
    /// A step writes another content into a file that holds a secret, is executed, or that programs of the system may read.
    Content,
    /// A step sends another request with a credential, or one that may change something.
    Request,
    /// A host receives a token that it did not receive.
    Token,
    /// A host is contacted that was not.
    Host,
    /// A request may cross a network without TLS.
    PlainHttp,
    /// A secret ends where it did not end.
    Secret,
    /// A block reads, or a step writes or removes, a file or a directory that it did not, or with another mode.
    File,
    /// A step starts a program that it did not start, or with other arguments.
    Program,
    /// A step executes a statement that it did not execute.
    Statement,
    /// The access is known only during the run, and an expression behind it changed.
    Unknown,
}

impl GrowthKind {
    /// Returns the noun for one access of the kind.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Permission => "permission",
            Self::Scope => "scope",
            Self::Identity => "identity",
            Self::Rights => "change of rights",
            Self::Code => "change of code",
            Self::Content => "content of a file",
            Self::Request => "request",
            Self::Token => "host with a token",
            Self::Host => "host",
            Self::PlainHttp => "host without TLS",
            Self::Secret => "end of a secret",
            Self::File => "file",
            Self::Program => "program",
            Self::Statement => "statement",
            Self::Unknown => "access not known",
        }
    }

    /// Returns true if an access of the kind is a text of any length, rather than a name or a scope.
    pub(super) const fn is_long(self) -> bool {
        matches!(
            self,
            Self::Program | Self::Statement | Self::Rights | Self::Code | Self::Content | Self::Request
        )
    }

    /// Returns the words for the kind.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Permission => "new permission",
            Self::Scope => "another scope",
            Self::Identity => "identity",
            Self::Rights => "rights",
            Self::Code => "code",
            Self::Content => "content",
            Self::Request => "request",
            Self::Token => "token",
            Self::Host => "host",
            Self::PlainHttp => "without TLS",
            Self::Secret => "secret",
            Self::File => "file",
            Self::Program => "program",
            Self::Statement => "statement",
            Self::Unknown => "not known",
        }
    }
}
