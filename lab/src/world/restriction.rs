//! Locks and policies, which keep changes from being made.

use serde_json::json;

use super::build::Builder;
use super::error::Problem;
use super::file::Labelled;
use super::resource::{Kind, Resource};

/// Resource type of locks.
pub(crate) const LOCK_TYPE: &str = "Microsoft.Authorization/locks";

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockFile {
    pub resource_group: String,
    /// The locked resource in the group, as its id has it after `/providers/`; the whole group without it.
    pub resource: Option<String>,
    pub level: LockLevel,
}

/// The changes that a lock excludes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(crate) enum LockLevel {
    CanNotDelete,
    ReadOnly,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    pub resource_type: Option<String>,
    pub name: Option<String>,
}

/// A policy that denies resources.
#[derive(Clone, Debug)]
pub(crate) struct PolicyDenial {
    pub name: String,
    /// The denied type; any if `None`.
    pub resource_type: Option<String>,
    /// The pattern of denied names, in which `*` stands for any text; any if `None`.
    pub pattern: Option<String>,
}

impl Builder {
    /// Adds locks, whose scopes exist by now.
    pub(super) fn locks(&mut self, files: Labelled<LockFile>) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["lock", name.as_str()];
            let place = self.place(&path, LOCK_TYPE, &file.resource_group, None)?;
            let group = place.id.split("/providers/").next().unwrap_or_default().to_owned();
            let scope = match &file.resource {
                None => group,
                Some(resource) => format!("{group}/providers/{}", resource.trim_matches('/')),
            };
            if !self.has(&scope) {
                let path = [path[0], path[1], "resource"];
                let remedy = "write it as in its id after `/providers/`: `A.B/c/name`, and declare it";
                return Err(Problem::new(&path, format!("there is no resource \"{scope}\""), remedy));
            }
            let properties = json!({ "properties": { "level": file.level } });
            let resource = Resource {
                id: format!("{scope}/providers/{LOCK_TYPE}/{name}"),
                name: name.clone(),
                type_name: LOCK_TYPE.to_owned(),
                body: properties.as_object().cloned().unwrap_or_default(),
                detail: Kind::Other,
            };
            self.add(&path, resource)?;
        }
        Ok(())
    }
}

pub(super) fn policies(files: Labelled<PolicyFile>) -> Result<Vec<PolicyDenial>, Problem> {
    let policy = |(name, file): (String, PolicyFile)| {
        if file.resource_type.is_none() && file.name.is_none() {
            let remedy = "give `resource_type`, `name` or both";
            return Err(Problem::new(&["policy_denial", &name], "it would deny every resource", remedy));
        }
        Ok(PolicyDenial { name, resource_type: file.resource_type, pattern: file.name })
    };
    files.into_iter().map(policy).collect()
}
