//! The file of a lab's state: JSON, which holds the secrets of the lab's vaults.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::context::Context;
use crate::{access, arm, blob, himds, keyvault};

/// The version of the format.
const FORMAT: u32 = 1;

/// The reasons why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be read; check its path and its mode.
    #[error("the state {0} cannot be read: {1}")]
    Read(PathBuf, io::Error),
    /// The file is not a state of this version of the lab; remove it to start anew.
    #[error("{0} is not the state of a lab of this version: line {1}, column {2}")]
    Format(PathBuf, usize, usize),
    /// The file holds the state of another world; choose another file.
    #[error("the state {0} is that of another world: its tenant, subscription, vaults or accounts differ")]
    OtherWorld(PathBuf),
    /// The file cannot be written; check its directory.
    #[error("the state {0} cannot be written: {1}")]
    Write(PathBuf, io::Error),
}

/// The state of every service.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Document {
    format: u32,
    tenant: Uuid,
    subscription: Uuid,
    arm: arm::Saved,
    access: access::Saved,
    /// `None` in a file of a version that did not keep it.
    #[serde(default)]
    agent: Option<himds::Saved>,
    /// By name.
    vaults: BTreeMap<String, keyvault::Saved>,
    /// By name.
    accounts: BTreeMap<String, blob::Saved>,
}

/// The stores of a lab.
pub(crate) struct Parts<'a> {
    pub context: &'a Context,
    pub arm: &'a arm::Store,
    pub vaults: &'a keyvault::Vaults,
    pub blobs: &'a blob::Blobs,
}

impl Document {
    /// Reads a file; `None` if there is none yet.
    pub(crate) fn read(path: &Path) -> Result<Option<Self>, StateError> {
        let text = match std::fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(StateError::Read(path.to_owned(), error)),
        };
        let document: Self = serde_json::from_slice(&text)
            .map_err(|error| StateError::Format(path.to_owned(), error.line(), error.column()))?;
        if document.format != FORMAT {
            return Err(StateError::Format(path.to_owned(), 1, 1));
        }
        Ok(Some(document))
    }

    /// Returns the current state.
    pub(crate) fn of(parts: &Parts<'_>) -> io::Result<Self> {
        let world = &parts.context.world;
        Ok(Self {
            format: FORMAT,
            tenant: world.tenant_id,
            subscription: world.subscription_id,
            arm: parts.arm.saved(),
            access: parts.context.access.saved(),
            agent: Some(parts.context.agent.saved()),
            vaults: parts.vaults.saved(),
            accounts: parts.blobs.saved()?,
        })
    }

    /// Puts the state into the stores of a lab that was just started; `path` names it in the error.
    pub(crate) fn restore(self, parts: &Parts<'_>, path: &Path) -> Result<(), StateError> {
        let world = &parts.context.world;
        let is_same = self.tenant == world.tenant_id
            && self.subscription == world.subscription_id
            && self.vaults.keys().map(String::as_str).eq(sorted(world.key_vaults()))
            && self.accounts.keys().map(String::as_str).eq(sorted(world.storage_accounts()));
        if !is_same {
            return Err(StateError::OtherWorld(path.to_owned()));
        }
        parts.arm.restore(self.arm, world);
        parts.context.access.restore(self.access, &world.roles);
        if let Some(agent) = self.agent {
            parts.context.agent.restore(agent, world);
        }
        if let Some(connected) = parts.context.agent.connected() {
            parts.arm.belongs_to_agent(&connected.machine.id);
        }
        parts.vaults.restore(self.vaults);
        let written = parts.blobs.restore(self.accounts);
        written.map_err(|error| StateError::Write(path.to_owned(), error))
    }
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}
