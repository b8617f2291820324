//! Holds the data of the report.

use serde::{Deserialize, Serialize};

use super::needs::Place;
use crate::redact::Redact;
use crate::step::{Plane, RoleSource, Setting, SuggestedRole};

/// The permissions that a plan needs, and the roles that grant them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct PermissionReport {
    /// The format number: 1.
    pub format: u32,
    /// The name of the runbook.
    pub runbook: String,
    /// The environment of the run, such as the cloud.
    pub setting: Setting,
    /// The source of the roles.
    pub roles: RoleSource,
    /// The identities and their needs.
    pub identities: Vec<IdentityNeeds>,
    /// The databases into which no identity logs in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<DatabaseLogin>,
    /// The rights on the machine itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub local: Vec<LocalRight>,
    /// The addresses of the steps that run programs: they may act with rights of their own, which no permission tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
}

/// The needs of an identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct IdentityNeeds {
    /// The address, or `machine`.
    pub identity: String,
    /// The identity and how it is found, in words.
    pub source: String,
    /// The scopes, in the order in which the steps first need them.
    pub scopes: Vec<ScopeNeeds>,
    /// The databases into which it logs in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<DatabaseLogin>,
    /// The uses of its tokens whose permissions are not known: they may use every right that it holds at the service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<OpenToken>,
}

/// A use of a token whose permissions are not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct OpenToken {
    /// The audience of the token.
    pub audience: String,
    /// The host that receives it; none if it becomes a value of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The addresses of the steps.
    pub steps: Vec<String>,
}

/// The needs at one scope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct ScopeNeeds {
    /// The scope: the id or the URL of an object, which may have unknown parts.
    pub scope: String,
    /// The scope in words.
    pub scope_name: String,
    /// The permissions.
    pub permissions: Vec<NeededPermission>,
    /// The suggested roles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<SuggestedRole>,
    /// The ways to grant the permissions other than the roles: any one of them suffices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ways: Vec<String>,
    /// The actions that no known role grants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncovered: Vec<String>,
    /// True if roles at wider scopes grant all of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub inherited: bool,
}

/// A needed permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct NeededPermission {
    /// The name of the permission.
    pub action: String,
    /// The plane that checks it.
    pub plane: Plane,
    /// The reason why it gives more than its name says: the sentence `it …` without its subject.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// The requests that need it, in the order of the runbook.
    pub needed_by: Vec<NeedingRequest>,
}

/// A request that needs a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct NeedingRequest {
    /// The address of the step, or `record` for the upload of the record.
    pub step: String,
    /// The place of the step.
    #[serde(flatten, default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The request, in one line.
    pub request: String,
}

/// A login of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct DatabaseLogin {
    /// The host and port.
    pub host: String,
    /// The name of the database.
    pub database: String,
    /// The role of the database.
    pub user: String,
    /// The proof with which the role logs in.
    pub login: Login,
    /// The addresses of the steps, whose statements the role has to be allowed.
    pub steps: Vec<String>,
}

/// The proof with which a role of a database logs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Login {
    /// A token of the identity.
    Token,
    /// A password.
    Password,
    /// Another proof, such as a certificate or the user of the system.
    Other,
}

/// A right on the machine itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
pub struct LocalRight {
    /// The right in words.
    pub right: String,
    /// The addresses of the steps.
    pub steps: Vec<String>,
}

impl PermissionReport {
    /// Returns every needed permission with its identity and its scope.
    pub fn all(&self) -> impl Iterator<Item = (&IdentityNeeds, &ScopeNeeds, &NeededPermission)> {
        self.identities.iter().flat_map(|identity| {
            identity.scopes.iter().flat_map(move |scope| {
                scope.permissions.iter().map(move |permission| (identity, scope, permission))
            })
        })
    }
}
