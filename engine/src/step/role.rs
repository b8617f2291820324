//! Describes the roles that a platform suggests for permissions.

use serde::{Deserialize, Serialize};

use super::{Permission, Text};
use crate::redact::Redact;

/// The roles that can be given to an identity.
pub trait Roles: Send + Sync {
    /// Returns the source of the roles.
    fn source(&self) -> RoleSource;

    /// Returns the roles for `needs` at each scope, in the order in which the needs first name the scopes.
    ///
    /// Every need belongs to exactly one of the scopes.
    fn at_scopes(&self, needs: &[Permission]) -> Vec<ScopeRoles>;

    /// Returns the reason why a permission gives more than its name says; none if it does not.
    fn risk(&self, need: &Permission) -> Option<&'static str>;
}

/// The source of roles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct RoleSource {
    /// The source in words, such as `the table of built-in roles`.
    pub source: String,
    /// The date of the roles, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The number of the roles.
    pub roles: usize,
}

/// The roles to assign at one scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeRoles {
    /// The scope, which may have unknown parts.
    pub scope: Text,
    /// The scope in words.
    pub name: String,
    /// The needs at the scope: positions in the list of all needs.
    pub needs: Vec<usize>,
    /// The roles, by name; none if roles at a wider scope grant every need, or nothing grants one.
    pub roles: Vec<SuggestedRole>,
    /// The ways to grant the needs other than the roles, such as a permission of a directory: any one of them suffices.
    pub ways: Vec<String>,
    /// The needs that no known role grants.
    pub uncovered: Vec<usize>,
}

/// A suggested role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct SuggestedRole {
    /// The name.
    pub name: String,
    /// The id.
    pub id: String,
    /// The needed actions that it grants.
    pub grants: Vec<String>,
    /// True if it grants one of them only if `*` in a pattern may stand for nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_wildcard: bool,
    /// The rights beyond the need.
    pub surplus: Surplus,
}

/// The rights of a role beyond the need, without those that nearly every role has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Surplus {
    /// The actions that give more than their names say, each with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// The patterns of actions that may delete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deletes: Vec<String>,
    /// The patterns of actions that change something, or may do so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<String>,
    /// The patterns of actions that read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<String>,
}

/// An action that gives more than its name says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct Risk {
    /// The action.
    pub action: String,
    /// The reason: the sentence `it …` without its subject.
    pub gives: String,
}

impl Surplus {
    /// Returns true if the role allows nothing beyond the need.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
