//! Describes the suggested roles for plans.

use arcbook_engine::step::{Permission, PermissionFacts, Plane, Right, Roles as _};

use super::directory::strongest;
use super::table::RoleTable;
use crate::words;

/// Returns the roles of a table that grant `needs`, by scope.
#[must_use]
pub fn rights(table: &RoleTable, needs: &[Permission]) -> Vec<Right> {
    let (directory, azure): (Vec<_>, Vec<_>) =
        needs.iter().cloned().partition(|need| need.plane == Plane::Directory);
    let scopes = table.at_scopes(&azure).into_iter();
    let open = scopes.filter(|scope| !scope.roles.is_empty() || !scope.uncovered.is_empty());
    let roles = open.map(|scope| {
        let mut uncovered: Vec<PermissionFacts> = Vec::new();
        for need in scope.uncovered.iter().map(|at| PermissionFacts::from(&azure[*at])) {
            let is_same = |known: &PermissionFacts| {
                known.plane == need.plane && known.action.eq_ignore_ascii_case(&need.action)
            };
            if !uncovered.iter().any(is_same) {
                uncovered.push(need);
            }
        }
        Right {
            acts_as: String::new(),
            roles: scope.roles.into_iter().map(|role| role.name).collect(),
            scope: scope.scope.to_string(),
            scope_name: scope.name,
            uncovered,
        }
    });
    let directory: Vec<&Permission> = directory.iter().collect();
    roles.chain(strongest(&directory).into_iter().map(of_graph)).collect()
}

fn of_graph(need: &Permission) -> Right {
    Right {
        acts_as: String::new(),
        roles: vec![format!("{} of Microsoft Graph", need.action)],
        scope: need.scope.to_string(),
        scope_name: words::scope(&need.scope),
        uncovered: Vec::new(),
    }
}
