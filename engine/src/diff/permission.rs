//! Defines the permissions that identities need.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use crate::redact::Redact;
use crate::step::{PermissionFacts, Plane};

/// A permission that an identity needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Redact)]
pub struct HeldPermission {
    /// The address of the identity, or `machine`.
    pub acts_as: String,
    /// The name of the permission.
    pub action: String,
    /// The plane that checks it.
    pub plane: Plane,
    /// The scope at which it is checked.
    pub scope: String,
}

impl HeldPermission {
    /// Returns the permission of an identity.
    #[must_use]
    pub fn of(acts_as: &str, needed: &PermissionFacts) -> Self {
        let PermissionFacts { action, plane, scope } = needed.clone();
        Self { acts_as: acts_as.to_owned(), action, plane, scope }
    }

    /// Returns the permission without its scope; ARM does not distinguish the case of names and ids.
    fn kind(&self) -> (String, Plane, String) {
        (self.acts_as.clone(), self.plane, self.action.to_ascii_lowercase())
    }
}

/// The scopes of permissions, by the identity, the plane and the name.
pub struct HeldScopes(HashMap<(String, Plane, String), HashSet<String>>);

impl HeldScopes {
    /// Collects the scopes of all permissions.
    pub fn of<'a>(all: impl Iterator<Item = &'a HeldPermission>) -> Self {
        let mut scopes: HashMap<_, HashSet<String>> = HashMap::new();
        for held in all {
            scopes.entry(held.kind()).or_default().insert(plain(&held.scope));
        }
        Self(scopes)
    }

    /// Returns true if one of them is this permission, at whatever scope.
    pub fn has_alike(&self, held: &HeldPermission) -> bool {
        self.0.contains_key(&held.kind())
    }

    /// Returns true if whoever has all of them has this one too: at its scope, or at one around it.
    pub fn cover(&self, held: &HeldPermission) -> bool {
        let Some(scopes) = self.0.get(&held.kind()) else { return false };
        let scope = plain(&held.scope);
        let ends = scope.match_indices('/').map(|(at, _)| at).chain([scope.len()]);
        ends.into_iter().any(|end| scopes.contains(&scope[..end]))
    }
}

/// Returns a scope without the slash at its end, in lower case.
fn plain(scope: &str) -> String {
    scope.trim_end_matches('/').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_covers_those_within_it() {
        let held = |action: &str, scope: &str| HeldPermission {
            acts_as: "machine".to_owned(),
            action: action.to_owned(),
            plane: Plane::Control,
            scope: scope.to_owned(),
        };
        let cases = [
            ("/subscriptions/a", "/subscriptions/a/resourceGroups/b", true),
            ("/subscriptions/A", "/subscriptions/a", true),
            ("/", "/subscriptions/a", true),
            ("/subscriptions/a", "/subscriptions/ab", false),
            ("/subscriptions/a/resourceGroups/b", "/subscriptions/a", false),
            ("(known after step.a.b)", "(known after step.a.b)/x", true),
            ("(known after step.a.b)", "(known after step.a.c)", false),
        ];
        for (outer, inner, covers) in cases {
            let scopes = HeldScopes::of([held("r/read", outer)].iter());
            assert_eq!(scopes.cover(&held("R/read", inner)), covers, "{outer} {inner}");
            assert!(scopes.has_alike(&held("R/read", inner)));
            assert!(!scopes.has_alike(&held("r/write", inner)) && !scopes.cover(&held("r/write", inner)));
        }
    }
}
