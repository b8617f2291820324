//! Describes the suggested roles for plans.

use arcbook_engine::step::{Permission, PermissionFacts, Plane, Right};

use super::suggest;
use crate::words;

/// Returns the roles that grant `needs`, by scope.
#[must_use]
pub fn rights(needs: &[Permission]) -> Vec<Right> {
    let right = |suggestion: super::ScopeSuggestion| Right {
        acts_as: String::new(),
        roles: suggestion.roles.iter().map(|role| role.name.to_owned()).collect(),
        scope: suggestion.scope.to_string(),
        scope_name: words::scope(&suggestion.scope),
        uncovered: suggestion.uncovered.iter().map(PermissionFacts::from).collect(),
    };
    let (directory, azure): (Vec<_>, Vec<_>) =
        needs.iter().cloned().partition(|need| need.plane == Plane::Directory);
    let roles = suggest(&azure).scopes.into_iter().map(right);
    roles.chain(strongest(&directory).into_iter().map(of_graph)).collect()
}

/// Returns the permissions of the directory without those that another one includes.
fn strongest(needs: &[Permission]) -> Vec<&Permission> {
    let is_included = |need: &Permission| {
        let wider = need.action.replace(".Read.", ".ReadWrite.");
        need.action.contains(".Read.")
            && needs.iter().any(|other| other.action == wider && other.scope == need.scope)
    };
    let mut kept: Vec<&Permission> = Vec::new();
    for need in needs.iter().filter(|need| !is_included(need)) {
        if !kept.contains(&need) {
            kept.push(need);
        }
    }
    kept
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
