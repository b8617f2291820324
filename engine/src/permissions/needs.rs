//! Holds the needs of a plan.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::step::{Permission, Setting};

/// The needs of a plan, in the order of the runbook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// The name of the runbook.
    pub runbook: String,
    /// The environment of the run, such as the cloud.
    pub setting: Setting,
    /// The identities that act.
    pub actors: Vec<Actor>,
    /// The needed permissions.
    pub permissions: Vec<Need>,
    /// The databases.
    pub databases: Vec<DatabaseNeed>,
    /// The uses of tokens whose permissions nobody can list.
    pub tokens: Vec<TokenNeed>,
    /// The addresses of the steps that run programs: they may act with rights of their own, which no permission tells.
    pub programs: Vec<String>,
    /// The rights on the machine itself.
    pub local: Vec<LocalNeed>,
}

/// An identity that acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The address, or `machine`.
    pub address: String,
    /// The identity and how it is found, in words.
    pub source: String,
}

/// A permission that a request of a step needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// The address of the identity, or `machine`.
    pub acts_as: String,
    /// The address of the step, or `record` for the upload of the record.
    pub step: String,
    /// The place of the step, if the runbook is at hand.
    pub place: Option<Place>,
    /// The request, in one line.
    pub request: String,
    /// The permission.
    pub permission: Permission,
}

/// The place of a step.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct Place {
    /// The file, as messages name it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// A database in which a step executes a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseNeed {
    /// The address of the identity that logs in with a token; none if no identity acts.
    pub acts_as: Option<String>,
    /// The address of the step.
    pub step: String,
    /// The host and port.
    pub host: String,
    /// The name of the database.
    pub database: String,
    /// The name of the user.
    pub user: String,
    /// True if a password may be sent.
    pub password: bool,
}

/// A use of a token that tells no permission: a value of the run, or a request to a service whose permissions are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenNeed {
    /// The address of the identity, or `machine`.
    pub acts_as: String,
    /// The address of the step.
    pub step: String,
    /// The audience of the token.
    pub audience: String,
    /// The host that receives it; none if it becomes a value of the run.
    pub host: Option<String>,
}

/// A right on the machine itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalNeed {
    /// The right in words.
    pub right: &'static str,
    /// The address of the step.
    pub step: String,
}
