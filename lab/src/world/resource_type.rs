//! Resource types: the rules by which ARM changes the resources of each.

use std::time::Duration;

use serde_json::{Map, Value};

use super::error::Problem;
use super::file::Labelled;
use super::resource::{DEPLOYMENT_TYPE, GROUP_TYPE};
use super::restriction::LOCK_TYPE;
use super::type_file::{
    ActionFile, ChangeMethod, OperationFailure, OperationFile, OperationKind, PatchTags, ResourceTypeFile,
};
use crate::names;

/// A resource type whose resources can change.
#[derive(Clone, Debug)]
pub(crate) struct ResourceType {
    /// Namespace and type: `Microsoft.HybridCompute/machines/extensions`.
    pub name: String,
    /// If false, the subscription is not registered for the namespace.
    pub registered: bool,
    /// Supported api-versions; any when empty.
    pub api_versions: Vec<String>,
    /// Available locations, normalised; any when empty.
    pub locations: Vec<String>,
    /// Members that the service accepts and never returns.
    pub write_only: Vec<MemberPath>,
    /// Members that the service stores in lower case.
    pub lower_case: Vec<MemberPath>,
    /// Members of `properties` that the service adds if the client leaves them out.
    pub defaults: Map<String, Value>,
    pub etag: bool,
    /// If true, the tags of a PATCH replace all tags of the resource.
    pub replaces_tags: bool,
    /// The first rule that names a method applies to it; without one, the change is synchronous.
    pub operations: Vec<OperationRule>,
    pub actions: Vec<Action>,
}

/// A member of a resource: `properties.protectedSettings`, split at its dots.
pub(crate) type MemberPath = Vec<String>;

/// The long-running operations that a method starts.
#[derive(Clone, Debug)]
pub(crate) struct OperationRule {
    pub methods: Vec<ChangeMethod>,
    pub kind: OperationKind,
    pub length: Length,
    /// `Retry-After` in seconds.
    pub retry_after: u32,
    /// The word for the running state; a usual one when `None`.
    pub running: Option<String>,
    /// If true, a PUT answers 202, as in early api-versions.
    pub accepted: bool,
    /// The error with which the operation ends; none if it succeeds.
    pub fails: Option<OperationFailure>,
}

/// The length of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    /// So many polls find the operation running.
    Polls(u32),
    Time(Duration),
}

/// An action of a resource: `POST {id}/{name}`.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    pub name: String,
    /// Body of the result; none when null.
    pub result: Value,
    pub operation: Option<OperationRule>,
}

impl OperationRule {
    /// Returns the rule of operations that one poll finds running.
    fn short(method: ChangeMethod, kind: OperationKind) -> Self {
        Self {
            methods: vec![method],
            kind,
            length: Length::Polls(1),
            retry_after: 0,
            running: None,
            accepted: false,
            fails: None,
        }
    }

    /// Returns the rule of deployments, unless their type is declared otherwise.
    pub(crate) fn of_deployment() -> Self {
        let rule = Self::short(ChangeMethod::Put, OperationKind::AzureAsyncOperation);
        Self { running: Some("Running".to_owned()), ..rule }
    }

    /// Returns the rule of predictions of deployments.
    pub(crate) fn of_prediction() -> Self {
        Self::short(ChangeMethod::Post, OperationKind::Location)
    }
}

impl ResourceType {
    /// Returns the namespace: `Microsoft.HybridCompute`.
    pub(crate) fn namespace(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// Returns the rule of the operations that `method` starts; `None` if it is synchronous.
    pub(crate) fn operation(&self, method: ChangeMethod) -> Option<&OperationRule> {
        self.operations.iter().find(|rule| rule.methods.contains(&method))
    }
}

/// Returns the declared types, and resource groups in any case.
pub(super) fn types(files: Labelled<ResourceTypeFile>) -> Result<Vec<ResourceType>, Problem> {
    let mut types: Vec<ResourceType> = Vec::with_capacity(files.len() + 1);
    for (name, file) in files {
        let path = ["resource_type", name.as_str()];
        if types.iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
            let remedy = "merge the two blocks (Azure ignores case in types)";
            return Err(Problem::new(&path, "declared twice", remedy));
        }
        types.push(resource_type(&path, file)?);
    }
    for usual in [groups(), plain(DEPLOYMENT_TYPE), plain(LOCK_TYPE)] {
        if !types.iter().any(|declared| declared.name.eq_ignore_ascii_case(&usual.name)) {
            types.push(usual);
        }
    }
    Ok(types)
}

fn resource_type(path: &[&str], file: ResourceTypeFile) -> Result<ResourceType, Problem> {
    let name = path.last().copied().unwrap_or_default();
    let is_group = name.eq_ignore_ascii_case(GROUP_TYPE);
    if name.split('/').count() < 2 || name.split('/').any(str::is_empty) {
        let remedy = "write a namespace and a type, such as `Microsoft.Compute/disks`";
        return Err(Problem::new(path, "not a resource type", remedy));
    }
    if let Some(index) = file.api_versions.iter().position(|version| !names::is_api_version(version)) {
        let index = format!("[{index}]");
        let path = [path, &["api_versions", &index]].concat();
        return Err(Problem::new(&path, "not an api-version", "write it as \"2024-07-10\""));
    }
    let usual_tags = if is_group { PatchTags::Replace } else { PatchTags::Merge };
    Ok(ResourceType {
        name: if is_group { GROUP_TYPE.to_owned() } else { name.to_owned() },
        registered: file.registered.unwrap_or(true),
        api_versions: file.api_versions,
        locations: file.locations.iter().map(|location| names::location(location)).collect(),
        write_only: members(path, "write_only", &file.write_only)?,
        lower_case: members(path, "lower_case", &file.lower_case)?,
        defaults: file.defaults,
        etag: file.etag,
        replaces_tags: file.patch_tags.unwrap_or(usual_tags) == PatchTags::Replace,
        operations: rules(path, file.operation.0)?,
        actions: file
            .action
            .into_iter()
            .map(|(name, file)| action(path, name, file))
            .collect::<Result<_, _>>()?,
    })
}

/// Returns the type of resource groups as ARM has it: only their deletion takes long.
fn groups() -> ResourceType {
    let deletion = OperationRule::short(ChangeMethod::Delete, OperationKind::Location);
    ResourceType { replaces_tags: true, operations: vec![deletion], ..plain(GROUP_TYPE) }
}

/// Returns a type without any rule of its own.
fn plain(name: &str) -> ResourceType {
    ResourceType {
        name: name.to_owned(),
        registered: true,
        api_versions: Vec::new(),
        locations: Vec::new(),
        write_only: Vec::new(),
        lower_case: Vec::new(),
        defaults: Map::new(),
        etag: false,
        replaces_tags: false,
        operations: Vec::new(),
        actions: Vec::new(),
    }
}

fn members(path: &[&str], attribute: &str, texts: &[String]) -> Result<Vec<MemberPath>, Problem> {
    let member = |(index, text): (usize, &String)| {
        let parts: MemberPath = text.split('.').map(str::to_owned).collect();
        if parts.iter().any(String::is_empty) {
            let index = format!("[{index}]");
            let path = [path, &[attribute, &index]].concat();
            let remedy = "write its path, such as \"properties.protectedSettings\"";
            return Err(Problem::new(&path, "not a member of a resource", remedy));
        }
        Ok(parts)
    };
    texts.iter().enumerate().map(member).collect()
}

fn rules(path: &[&str], files: Vec<OperationFile>) -> Result<Vec<OperationRule>, Problem> {
    let rule = |(index, file): (usize, OperationFile)| {
        let index = format!("[{index}]");
        rule(&[path, &["operation", &index]].concat(), file)
    };
    files.into_iter().enumerate().map(rule).collect()
}

fn rule(path: &[&str], file: OperationFile) -> Result<OperationRule, Problem> {
    let length = match (file.polls, file.milliseconds) {
        (Some(_), Some(_)) => {
            let remedy = "keep `polls` or `milliseconds`";
            return Err(Problem::new(path, "an operation has one length", remedy));
        }
        (polls, None) => Length::Polls(polls.unwrap_or(1)),
        (None, Some(milliseconds)) => Length::Time(Duration::from_millis(milliseconds)),
    };
    let ends = ["succeeded", "failed", "canceled"];
    if file.running.as_ref().is_some_and(|word| ends.contains(&word.to_lowercase().as_str())) {
        let remedy = "use a word for the running state, such as \"Accepted\"";
        return Err(Problem::new(path, "`running` is the word of an operation that has ended", remedy));
    }
    let usual = || match file.kind {
        // A resource that is gone has no state, so ARM's contract wants a URL for its deletion.
        OperationKind::ProvisioningState => vec![ChangeMethod::Put, ChangeMethod::Patch],
        _ => vec![ChangeMethod::Put, ChangeMethod::Patch, ChangeMethod::Delete],
    };
    Ok(OperationRule {
        methods: file.methods.unwrap_or_else(usual),
        kind: file.kind,
        length,
        retry_after: file.retry_after,
        running: file.running,
        accepted: file.accepted,
        fails: file.fails,
    })
}

fn action(path: &[&str], name: String, file: ActionFile) -> Result<Action, Problem> {
    let path = [path, &["action", &name]].concat();
    let operation =
        file.operation.map(|file| rule(&[&path[..], &["operation"]].concat(), file)).transpose()?;
    if operation.as_ref().is_some_and(|rule| rule.kind == OperationKind::ProvisioningState) {
        let remedy = "use `azure-async-operation` or `location`";
        return Err(Problem::new(&path, "an action does not change `provisioningState`", remedy));
    }
    let operation = operation.map(|rule| OperationRule { methods: vec![ChangeMethod::Post], ..rule });
    Ok(Action { operation, result: file.result, name })
}
