//! Builds the roles and groups of a world.

use std::time::Duration;

use indexmap::IndexMap;
use uuid::Uuid;

use super::access_file::{DenialFile, DirectoryGroupFile, PropagationFile, RoleDefinitionFile};
use super::build::{Builder, twice};
use super::derived_id;
use super::error::Problem;
use super::file::Labelled;
use crate::access::{Denial, Effective, Group, Membership, Propagation, Role, Roles, is_within};

/// Returns the built-in roles and those of the world.
pub(super) fn roles(files: Labelled<RoleDefinitionFile>) -> Result<Roles, Problem> {
    let built_in = Roles::new(Vec::new());
    let mut own = Vec::with_capacity(files.len());
    for (name, file) in files {
        let path = ["role", name.as_str()];
        let id = file.id.unwrap_or_else(|| derived_id(&["role", &name]));
        if built_in.named(&name).is_some() || built_in.named(&id.to_string()).is_some() {
            return Err(Problem::new(&path, "a built-in role has this name or id", "choose another"));
        }
        let RoleDefinitionFile { actions, not_actions, data_actions, not_data_actions, .. } = file;
        own.push(Role { name, id, actions, not_actions, data_actions, not_data_actions });
    }
    Ok(Roles::new(own))
}

pub(super) fn propagation(file: &PropagationFile) -> Propagation {
    Propagation { checks: file.checks, time: Duration::from_millis(file.milliseconds) }
}

impl Builder {
    /// Adds the groups, whose members are principals and groups before them.
    pub(super) fn directory(&mut self, files: Labelled<DirectoryGroupFile>) -> Result<(), Problem> {
        for (name, file) in files {
            let path = ["group", name.as_str()];
            if self.known(&name).is_some() {
                return Err(twice(&path));
            }
            let id = file.id.unwrap_or_else(|| derived_id(&["group", &self.tenant.to_string(), &name]));
            let members = self.labelled(&path, "members", &file.members)?;
            let owners = self.labelled(&path, "owners", &file.owners)?;
            let membership = Membership { effective: Effective::NOW };
            let members: IndexMap<_, _> = members.into_iter().map(|id| (id, membership)).collect();
            self.directory.push(Group { name, id, members, owners });
            let label = self.directory.last().map(|group| group.name.clone()).unwrap_or_default();
            self.own_roles(&["group", &label], id, file.role_assignment)?;
        }
        Ok(())
    }

    /// Returns the deny assignments, which name principals and groups.
    pub(super) fn denials(&self, files: Labelled<DenialFile>) -> Result<Vec<Denial>, Problem> {
        let denial = |(name, file): (String, DenialFile)| {
            let path = ["deny_assignment", name.as_str()];
            let scope = file.scope.unwrap_or_else(|| self.subscription.clone());
            if !is_within(&scope, &self.subscription) {
                let remedy = "give the id of something in the subscription, or leave it out";
                return Err(Problem::new(&path, "its scope is not in the subscription", remedy));
            }
            let DenialFile { actions, not_actions, data_actions, not_data_actions, .. } = file;
            let id = derived_id(&["deny assignment", &self.tenant.to_string(), &name]);
            let role = Role { name: name.clone(), id, actions, not_actions, data_actions, not_data_actions };
            let principals = self.labelled(&path, "principals", &file.principals)?;
            let excluded = self.labelled(&path, "excluded", &file.excluded)?;
            Ok(Denial { name, id, scope, role, principals, excluded })
        };
        files.into_iter().map(denial).collect()
    }

    fn labelled(&self, path: &[&str], attribute: &str, labels: &[String]) -> Result<Vec<Uuid>, Problem> {
        let path = [path, &[attribute]].concat();
        labels.iter().map(|label| self.labelled_one(&path, label)).collect()
    }

    /// Returns the object id of the principal or group with this label.
    pub(super) fn labelled_one(&self, path: &[&str], label: &str) -> Result<Uuid, Problem> {
        self.known(label).ok_or_else(|| {
            let principals = self.principals.iter().map(|known| &known.name);
            let known: Vec<String> = principals
                .chain(self.directory.iter().map(|group| &group.name))
                .map(|name| format!("\"{name}\""))
                .collect();
            let remedy = match known.len() {
                0 => "declare `service_principal \"name\" {}`".to_owned(),
                _ => format!("use one of {}", known.join(", ")),
            };
            Problem::new(path, format!("there is no principal \"{label}\""), remedy)
        })
    }

    fn known(&self, label: &str) -> Option<Uuid> {
        let principal = self.principals.iter().find(|known| known.name == label);
        let group = || self.directory.iter().find(|group| group.name == label).map(|group| group.id);
        principal.map(|known| known.object_id).or_else(group)
    }
}
