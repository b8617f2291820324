//! The `resource_type` blocks of a world file, as written.

use serde_json::{Map, Value};

use super::file::{Labelled, Repeated};

#[derive(Default, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ResourceTypeFile {
    #[serde(default)]
    pub api_versions: Vec<String>,
    #[serde(default)]
    pub locations: Vec<String>,
    pub registered: Option<bool>,
    #[serde(default)]
    pub write_only: Vec<String>,
    #[serde(default)]
    pub lower_case: Vec<String>,
    #[serde(default)]
    pub defaults: Map<String, Value>,
    #[serde(default)]
    pub etag: bool,
    pub patch_tags: Option<PatchTags>,
    #[serde(default)]
    pub operation: Repeated<OperationFile>,
    #[serde(default)]
    pub action: Labelled<ActionFile>,
}

/// The effect of a PATCH on the tags that it does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum PatchTags {
    Merge,
    Replace,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OperationFile {
    pub methods: Option<Vec<ChangeMethod>>,
    pub kind: OperationKind,
    pub polls: Option<u32>,
    pub milliseconds: Option<u64>,
    #[serde(default)]
    pub retry_after: u32,
    pub running: Option<String>,
    #[serde(default)]
    pub accepted: bool,
    pub fails: Option<OperationFailure>,
}

/// The error with which an operation ends.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct OperationFailure {
    pub code: String,
    pub message: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ActionFile {
    #[serde(default)]
    pub result: Value,
    pub operation: Option<OperationFile>,
}

/// A method that changes a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum ChangeMethod {
    Put,
    Patch,
    Delete,
    /// An action of the resource.
    #[serde(skip)]
    Post,
}

/// The place where a client finds the state of a long-running operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum OperationKind {
    /// An operation resource, whose URL is the header `Azure-AsyncOperation`.
    AzureAsyncOperation,
    /// The URL in the header `Location`: 202 until the final response.
    Location,
    /// `properties.provisioningState` of the resource itself.
    ProvisioningState,
}
