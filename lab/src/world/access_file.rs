//! The blocks of roles, groups and the propagation of changes of access in a world file, as written.

use uuid::Uuid;

use super::file::{Repeated, RoleFile};

/// A role of the tenant's own.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleDefinitionFile {
    pub id: Option<Uuid>,
    #[serde(default)]
    pub actions: Vec<String>,
    #[serde(default)]
    pub not_actions: Vec<String>,
    #[serde(default)]
    pub data_actions: Vec<String>,
    #[serde(default)]
    pub not_data_actions: Vec<String>,
}

/// Actions that are denied, whatever roles say.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DenialFile {
    /// A scope in the subscription, if it is not the subscription itself.
    pub scope: Option<String>,
    #[serde(default)]
    pub actions: Vec<String>,
    #[serde(default)]
    pub not_actions: Vec<String>,
    #[serde(default)]
    pub data_actions: Vec<String>,
    #[serde(default)]
    pub not_data_actions: Vec<String>,
    /// Labels of principals and groups; every principal if there are none.
    #[serde(default)]
    pub principals: Vec<String>,
    /// Labels of the principals and groups that it does not concern.
    #[serde(default)]
    pub excluded: Vec<String>,
}

/// A security group of the tenant.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DirectoryGroupFile {
    pub id: Option<Uuid>,
    /// Labels of principals and of groups before this one.
    #[serde(default)]
    pub members: Vec<String>,
    /// Labels of the principals that may change the members without a permission of Microsoft Graph.
    #[serde(default)]
    pub owners: Vec<String>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

/// The delay until a change of access takes effect.
#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PropagationFile {
    #[serde(default)]
    pub checks: u32,
    #[serde(default)]
    pub milliseconds: u64,
}

/// An application permission of Microsoft Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub(crate) enum GraphPermission {
    #[serde(rename = "GroupMember.Read.All")]
    ReadMembers,
    #[serde(rename = "GroupMember.ReadWrite.All")]
    WriteMembers,
}
