//! Describes the roles that a run needs.

use serde::{Deserialize, Serialize};

use super::PermissionFacts;
use crate::redact::Redact;

/// The roles that an identity needs at one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(deny_unknown_fields)]
pub struct Right {
    /// The address of the identity, or `machine`; empty if it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub acts_as: String,
    /// The names of the suggested roles.
    pub roles: Vec<String>,
    /// The scope: the id or the URL of an object, which may have unknown parts.
    pub scope: String,
    /// The scope in words, such as `subscription of this machine`.
    pub scope_name: String,
    /// The permissions that no known role grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<PermissionFacts>,
}
