//! Grants in a world file: role assignments and access policies, and the principals that they name.

use uuid::Uuid;

use super::build::Builder;
use super::error::Problem;
use super::file::{PolicyFile, Repeated, RoleFile};
use super::resource::Policy;
use crate::access::{Assignment, is_within};

/// Role assignments of one block: its path, its scope, and the assignments.
pub(super) type Deferred = (Vec<String>, String, Repeated<RoleFile>);

impl Builder {
    /// Keeps the role assignments of a block until all principals are known.
    pub(super) fn defer(&mut self, path: &[&str], scope: &str, roles: Repeated<RoleFile>) {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        self.deferred.push((path, scope.to_owned(), roles));
    }

    pub(super) fn deferred_roles(&mut self) -> Result<(), Problem> {
        for (path, scope, roles) in std::mem::take(&mut self.deferred) {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            self.roles(&path, &scope, roles)?;
        }
        Ok(())
    }

    /// Adds the role assignments of a block, at its scope or below.
    pub(super) fn roles(
        &mut self,
        path: &[&str],
        scope: &str,
        roles: Repeated<RoleFile>,
    ) -> Result<(), Problem> {
        self.assign(path, scope, roles, None)
    }

    /// Adds the role assignments in the block of a principal: they are its own, for the whole subscription.
    pub(super) fn own_roles(
        &mut self,
        path: &[&str],
        holder: Uuid,
        roles: Repeated<RoleFile>,
    ) -> Result<(), Problem> {
        self.assign(path, &self.subscription.clone(), roles, Some(holder))
    }

    fn assign(
        &mut self,
        path: &[&str],
        scope: &str,
        roles: Repeated<RoleFile>,
        holder: Option<Uuid>,
    ) -> Result<(), Problem> {
        for (index, file) in roles.0.into_iter().enumerate() {
            let index = format!("[{index}]");
            let path = [path, &["role_assignment", &index]].concat();
            let Some(role) = self.roles.named(&file.role).cloned() else {
                let remedy = "use the name or the id of a built-in role, or declare it with a block `role`";
                return Err(Problem::new(&path, format!("there is no role \"{}\"", file.role), remedy));
            };
            let named = file.principal.is_some() || file.principal_id.is_some();
            let principal = match holder {
                Some(_) if named => {
                    let remedy = "remove its principal, or move the assignment to the resource";
                    return Err(Problem::new(&path, "a role in this block is the block's own", remedy));
                }
                Some(holder) => holder,
                None => self.grantee(&path, file.principal.as_deref(), file.principal_id)?,
            };
            let scope = match &file.scope {
                Some(own) if !is_within(own, scope) => {
                    let remedy = "give the id of something in the scope of the block, or move the assignment";
                    return Err(Problem::new(&path, format!("its scope is not below {scope}"), remedy));
                }
                own => own.as_deref().unwrap_or(scope),
            };
            let assignment = Assignment::new(&role, principal, scope);
            self.assignments.push(Assignment { condition: file.condition, ..assignment });
        }
        Ok(())
    }

    pub(super) fn policies(
        &self,
        path: &[&str],
        rbac: bool,
        files: Repeated<PolicyFile>,
    ) -> Result<Vec<Policy>, Problem> {
        if rbac && !files.0.is_empty() {
            let remedy = "remove `rbac = true`, or grant with `role_assignment` instead";
            return Err(Problem::new(
                path,
                "a vault with `rbac = true` does not heed access policies",
                remedy,
            ));
        }
        let policy = |(index, file): (usize, PolicyFile)| {
            let index = format!("[{index}]");
            let path = [path, &["access_policy", &index]].concat();
            let principal = self.grantee(&path, file.principal.as_deref(), file.principal_id)?;
            Ok(Policy {
                principal,
                application: None,
                secrets: file.secrets,
                keys: file.keys,
                certificates: file.certificates,
                storage: Vec::new(),
            })
        };
        files.0.into_iter().enumerate().map(policy).collect()
    }

    /// Returns the object id of the principal that a grant names, by label or by id, or of the usual one.
    fn grantee(&self, path: &[&str], label: Option<&str>, id: Option<Uuid>) -> Result<Uuid, Problem> {
        match (label, id) {
            (Some(_), Some(_)) => {
                let remedy = "keep `principal` or `principal_id`";
                Err(Problem::new(path, "a grant has one principal", remedy))
            }
            (None, Some(id)) => Ok(id),
            (None, None) => self.usual.ok_or_else(|| {
                let remedy = "name one with `principal`, or declare a `machine`";
                Problem::new(
                    path,
                    "a grant without a principal is for the machine, and there is none",
                    remedy,
                )
            }),
            (Some(label), None) => self.labelled_one(path, label),
        }
    }
}
