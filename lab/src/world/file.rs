//! The blocks of a world file, as written.
//!
//! Deserialization checks only names and types of attributes; [`super::build`] checks their meaning.

use std::fmt;
use std::marker::PhantomData;

use indexmap::IndexMap;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use uuid::Uuid;

use super::access_file::{DenialFile, DirectoryGroupFile, PropagationFile, RoleDefinitionFile};
use super::principal_file::{ApplicationFile, IdentityFile, MachineFile, VirtualMachineFile};
use super::restriction::{LockFile, PolicyFile as PolicyDenialFile};
use super::run_command::ScriptEndFile;
use super::secret_text::SecretText;
use super::type_file::ResourceTypeFile;

pub(super) type Tags = IndexMap<String, String>;
/// Blocks of one type by label, in file order.
pub(super) type Labelled<T> = IndexMap<String, T>;

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorldFile {
    pub tenant_id: Uuid,
    pub subscription: Uuid,
    #[serde(default = "default_subscription_name")]
    pub subscription_name: String,
    #[serde(default = "default_page_size")]
    pub page_size: usize,
    #[serde(default)]
    pub run_commands: bool,
    #[serde(default)]
    pub run_command: Labelled<ScriptEndFile>,
    #[serde(default)]
    pub audiences: Vec<String>,
    #[serde(default)]
    pub registration_polls: u32,
    #[serde(default)]
    pub role: Labelled<RoleDefinitionFile>,
    #[serde(default)]
    pub deny_assignment: Labelled<DenialFile>,
    #[serde(default)]
    pub role_propagation: PropagationFile,
    #[serde(default = "default_assignment_limit")]
    pub role_assignment_limit: usize,
    #[serde(default)]
    pub group: Labelled<DirectoryGroupFile>,
    #[serde(default)]
    pub resource_group: Labelled<GroupFile>,
    #[serde(default)]
    pub machine: Labelled<MachineFile>,
    #[serde(default)]
    pub virtual_machine: Labelled<VirtualMachineFile>,
    #[serde(default)]
    pub user_assigned_identity: Labelled<IdentityFile>,
    #[serde(default)]
    pub service_principal: Labelled<ApplicationFile>,
    #[serde(default)]
    pub key_vault: Labelled<VaultFile>,
    #[serde(default)]
    pub storage_account: Labelled<AccountFile>,
    #[serde(default)]
    pub resource: Labelled<Labelled<ResourceFile>>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
    #[serde(default)]
    pub resource_type: Labelled<ResourceTypeFile>,
    #[serde(default)]
    pub lock: Labelled<LockFile>,
    #[serde(default)]
    pub policy_denial: Labelled<PolicyDenialFile>,
    #[serde(default)]
    pub faults: Vec<String>,
    #[serde(default)]
    pub throttle: Labelled<ThrottleFile>,
}

/// The limit of the requests to each host of a service.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ThrottleFile {
    pub burst: u32,
    pub per_second: f64,
    /// The limit of the requests that write, if they have one of their own.
    pub writes: Option<RateFile>,
    /// The limit of the requests that delete, if they have one of their own.
    pub deletes: Option<RateFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RateFile {
    pub burst: u32,
    pub per_second: f64,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupFile {
    pub location: String,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VaultFile {
    pub resource_group: String,
    pub location: Option<String>,
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub rbac: bool,
    /// False for a vault that ARM has yet to create.
    #[serde(default = "yes")]
    pub exists: bool,
    #[serde(default = "default_retention_days")]
    pub retention_days: u16,
    #[serde(default)]
    pub deletion_polls: u32,
    #[serde(default)]
    pub access_policy: Repeated<PolicyFile>,
    #[serde(default)]
    pub secret: Labelled<SecretFile>,
    #[serde(default)]
    pub certificate: Labelled<VaultCertificateFile>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub principal: Option<String>,
    pub principal_id: Option<Uuid>,
    #[serde(default)]
    pub secrets: Vec<SecretPermission>,
    #[serde(default)]
    pub keys: Vec<String>,
    #[serde(default)]
    pub certificates: Vec<String>,
}

/// An operation on secrets that an access policy can grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SecretPermission {
    All,
    Get,
    List,
    Set,
    Delete,
    Recover,
    Purge,
    Backup,
    Restore,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecretFile {
    pub value: SecretText,
    pub content_type: Option<String>,
    #[serde(default = "yes")]
    pub enabled: bool,
    #[serde(default)]
    pub tags: Tags,
    /// RFC 3339.
    pub not_before: Option<String>,
    /// RFC 3339.
    pub expires: Option<String>,
}

/// A certificate of a vault.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct VaultCertificateFile {
    pub subject: Option<String>,
    #[serde(default)]
    pub format: CertificateFormat,
    #[serde(default = "yes")]
    pub exportable: bool,
}

/// The format in which a vault exports a certificate.
#[derive(Clone, Copy, Default, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CertificateFormat {
    #[default]
    Pfx,
    Pem,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountFile {
    pub resource_group: String,
    pub location: Option<String>,
    #[serde(rename = "type")]
    pub type_name: Option<String>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default = "default_sku")]
    pub sku: String,
    #[serde(default)]
    pub container: Labelled<ContainerFile>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ContainerFile {
    #[serde(default)]
    pub immutable: bool,
    #[serde(default)]
    pub blob: Labelled<BlobFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BlobFile {
    pub content: String,
    pub content_type: Option<String>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceFile {
    pub resource_group: String,
    pub location: Option<String>,
    pub kind: Option<String>,
    pub sku: Option<serde_json::Value>,
    #[serde(default)]
    pub tags: Tags,
    #[serde(default)]
    pub properties: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    pub role_assignment: Repeated<RoleFile>,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFile {
    pub role: String,
    /// A scope below that of the block.
    pub scope: Option<String>,
    pub principal: Option<String>,
    pub principal_id: Option<Uuid>,
    /// A condition, which the lab lists and takes as fulfilled.
    pub condition: Option<String>,
}

/// Blocks without a label. HCL gives a map for a single block and a list for several.
pub(super) struct Repeated<T>(pub Vec<T>);

impl<T> Default for Repeated<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Repeated<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RepeatedVisitor(PhantomData))
    }
}

struct RepeatedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for RepeatedVisitor<T> {
    type Value = Repeated<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a block without labels")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|one| Repeated(vec![one]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(seq)).map(Repeated)
    }
}

fn default_subscription_name() -> String {
    "Lab".to_owned()
}

/// The limit of a subscription in Azure.
fn default_assignment_limit() -> usize {
    4000
}

fn default_page_size() -> usize {
    100
}

fn default_retention_days() -> u16 {
    90
}

fn default_sku() -> String {
    "Standard_LRS".to_owned()
}

pub(super) fn yes() -> bool {
    true
}
