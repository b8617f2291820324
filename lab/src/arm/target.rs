//! The resource that a change applies to.

use hyper::StatusCode;

use super::id::Id;
use super::store::State;
use super::{Arm, address::Address, answer, provider};
use crate::exchange::{Call, Refused};
use crate::world::{GROUP_TYPE, ResourceType};

/// A resource that exists or may be created.
pub(super) struct Target<'a> {
    pub declared: &'a ResourceType,
    /// As stored, or as it will be.
    pub id: String,
    /// Name in lists across types.
    pub name: String,
    /// Id of the resource group that holds it; `None` for a group, and in a subscription.
    pub group: Option<String>,
    /// Location of the resource, else of its group.
    pub location: String,
}

impl Arm {
    /// Returns the target of a change, whose type is declared and whose group and parent exist; `None` if
    /// there is nothing at `address` that can change.
    pub(super) fn target(
        &self,
        state: &State,
        call: &Call,
        address: &Address<'_>,
    ) -> Result<Option<Target<'_>>, Refused> {
        match address {
            Address::Group { group, .. } => self.group_target(state, call, group).map(Some),
            Address::Path { path, .. } => {
                Id::parse(path).map(|id| self.resource_target(state, call, path, &id)).transpose()
            }
            _ => Ok(None),
        }
    }

    fn group_target(&self, state: &State, call: &Call, name: &str) -> Result<Target<'_>, Refused> {
        let current = state.get(&self.context.world.group_scope(name));
        let location = current.map_or("", |group| group.location()).to_owned();
        let Some(declared) = self.context.world.resource_type(GROUP_TYPE) else {
            return Err(not_found("InvalidResourceType", "The type of resource groups is not declared."));
        };
        provider::has_version(call, declared, &location)?;
        Ok(Target {
            declared,
            id: current.map_or_else(|| self.context.world.group_scope(name), |group| group.id.clone()),
            name: current.map_or(name, |group| &group.name).to_owned(),
            group: None,
            location,
        })
    }

    pub(super) fn resource_target(
        &self,
        state: &State,
        call: &Call,
        path: &str,
        id: &Id<'_>,
    ) -> Result<Target<'_>, Refused> {
        let current = state.get(path);
        let group_id = id.group().map(|group| self.context.world.group_scope(group));
        let group = group_id.and_then(|id| state.get(&id));
        let location = current.or(group).map_or("", |holder| holder.location()).to_owned();
        let declared = self.declared(state, call, id, &location)?;
        if let Some(name) = id.group() {
            self.has_group(state, name)?;
        }
        let holder = match id.parent() {
            Some(parent) => match state.get(&parent) {
                Some(parent) => parent.id.clone(),
                None => return Err(no_parent(id, &parent)),
            },
            None => group.map_or_else(|| self.context.world.subscription_scope(), |group| group.id.clone()),
        };
        let spelled =
            current.map_or_else(|| id.spelled(&holder, &declared.name), |current| current.id.clone());
        Ok(Target {
            name: Id::parse(&spelled).map_or_else(|| id.name(), |id| id.name()),
            id: spelled,
            group: group.map(|group| group.id.clone()),
            declared,
            location,
        })
    }
}

fn no_parent(id: &Id<'_>, parent: &str) -> Refused {
    let message = format!(
        "Failed to perform 'write' on resource(s) of type '{}', because the parent resource '{parent}' could not be \
         found.",
        id.relative_type()
    );
    not_found("ParentResourceNotFound", &message)
}

fn not_found(code: &str, message: &str) -> Refused {
    answer::refused(StatusCode::NOT_FOUND, code, message)
}
