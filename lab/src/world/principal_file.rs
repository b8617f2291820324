//! The blocks of machines and identities in a world file, as written.

use uuid::Uuid;

use super::access_file::GraphPermission;
use super::file::{Labelled, Repeated, RoleFile, Tags, yes};
use super::os::Os;
use super::secret_text::SecretText;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MachineFile {
    /// False for a machine whose agent is not connected yet: it has no resource, and so no group, identity and tags.
    #[serde(default = "yes")]
    pub connected: bool,
    pub resource_group: Option<String>,
    pub location: Option<String>,
    #[serde(default)]
    pub os: Os,
    pub os_sku: Option<String>,
    pub os_version: Option<String>,
    #[serde(default = "default_agent_version")]
    pub agent_version: String,
    pub vm_id: Option<Uuid>,
    pub principal_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub graph_permissions: Vec<GraphPermission>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VirtualMachineFile {
    pub resource_group: String,
    pub location: Option<String>,
    #[serde(default)]
    pub os: Os,
    #[serde(default)]
    pub os_sku: String,
    #[serde(default)]
    pub os_version: String,
    #[serde(default = "default_size")]
    pub size: String,
    pub vm_id: Option<Uuid>,
    /// False for a machine with user-assigned identities only.
    #[serde(default = "yes")]
    pub system_assigned: bool,
    pub principal_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub graph_permissions: Vec<GraphPermission>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentityFile {
    pub resource_group: String,
    pub location: Option<String>,
    pub principal_id: Option<Uuid>,
    pub client_id: Option<Uuid>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub federated_credential: Labelled<FederatedFile>,
    #[serde(default)]
    pub graph_permissions: Vec<GraphPermission>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ApplicationFile {
    pub client_id: Option<Uuid>,
    pub object_id: Option<Uuid>,
    #[serde(default = "yes")]
    pub enabled: bool,
    pub conditional_access: Option<ConditionalAccess>,
    #[serde(default)]
    pub secret: Labelled<ClientSecretFile>,
    #[serde(default)]
    pub certificate: Labelled<CertificateFile>,
    #[serde(default)]
    pub federated_credential: Labelled<FederatedFile>,
    #[serde(default)]
    pub graph_permissions: Vec<GraphPermission>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

/// The decision of the tenant's policies about every sign-in of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ConditionalAccess {
    Blocked,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientSecretFile {
    pub value: SecretText,
    /// RFC 3339.
    pub expires: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertificateFile {
    pub pem: Option<String>,
    /// Relative to the world file.
    pub pem_file: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FederatedFile {
    pub issuer: String,
    pub subject: String,
    #[serde(default = "default_audience")]
    pub audience: String,
}

fn default_agent_version() -> String {
    "1.59.03127.891".to_owned()
}

fn default_size() -> String {
    "Standard_D2s_v5".to_owned()
}

fn default_audience() -> String {
    "api://AzureADTokenExchange".to_owned()
}
