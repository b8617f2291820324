//! Describes the suggested roles for plans.

use arcbook_engine::step::{Permission, PermissionFacts, Right};

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
    suggest(needs).scopes.into_iter().map(right).collect()
}
