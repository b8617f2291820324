//! Defines the permission that an action needs.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Text;
use crate::redact::Redact;

/// A permission that the caller of an action needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Permission {
    /// The name of the permission, such as `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
    pub action: Cow<'static, str>,
    /// The plane that checks it.
    pub plane: Plane,
    /// The scope at which it is checked: the id or the URL of an object, which may be partly unknown.
    pub scope: Text,
}

/// The plane of a service that checks a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum Plane {
    /// The control plane, which manages resources.
    Control,
    /// The data plane, which reads and writes the content of resources.
    Data,
    /// The directory of the tenant, which has permissions of its own and no roles of Azure.
    Directory,
}

impl Permission {
    /// Returns a permission of the control plane.
    pub fn control(action: impl Into<Cow<'static, str>>, scope: Text) -> Self {
        Self { action: action.into(), plane: Plane::Control, scope }
    }

    /// Returns a permission of the directory.
    pub fn directory(action: impl Into<Cow<'static, str>>, scope: Text) -> Self {
        Self { action: action.into(), plane: Plane::Directory, scope }
    }

    /// Returns a permission of the data plane.
    pub fn data(action: impl Into<Cow<'static, str>>, scope: Text) -> Self {
        Self { action: action.into(), plane: Plane::Data, scope }
    }
}
