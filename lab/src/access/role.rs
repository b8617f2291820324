//! Roles: the built-in ones, and those that a world defines.

use std::sync::Arc;

use uuid::Uuid;

use super::Permission;
use super::built_in::built_in;

/// A role: the actions that it allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Role {
    pub name: String,
    /// A built-in role has the same GUID in every tenant.
    pub id: Uuid,
    pub actions: Vec<String>,
    pub not_actions: Vec<String>,
    pub data_actions: Vec<String>,
    pub not_data_actions: Vec<String>,
}

impl Role {
    /// Returns whether Azure defines the role.
    pub(crate) fn is_built_in(&self) -> bool {
        built_in().iter().any(|known| known.name == self.name)
    }

    /// Returns whether the role allows a request with this permission.
    pub(crate) fn allows(&self, permission: Permission<'_>) -> bool {
        let (action, allowed, excluded) = match permission {
            Permission::Action(action) => (action, &self.actions, &self.not_actions),
            Permission::DataAction(action) => (action, &self.data_actions, &self.not_data_actions),
        };
        // `vaults/*/read` allows `vaults/read` too, as Azure probably reads it.
        let allows =
            |pattern: &String| matches(pattern, action) || matches(&pattern.replacen("/*/", "/", 1), action);
        allowed.iter().any(allows) && !excluded.iter().any(|pattern| matches(pattern, action))
    }
}

/// Every role that can be assigned.
#[derive(Clone, Debug)]
pub(crate) struct Roles(Vec<Arc<Role>>);

impl Roles {
    /// Collects the built-in roles and `own`, those of a world.
    pub(crate) fn new(own: Vec<Role>) -> Self {
        Self(built_in().into_iter().chain(own).map(Arc::new).collect())
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Role> {
        self.0.iter().map(Arc::as_ref)
    }

    /// Returns the role with this name or GUID.
    pub(crate) fn named(&self, name: &str) -> Option<&Arc<Role>> {
        let id: Option<Uuid> = name.parse().ok();
        self.0.iter().find(|role| role.name.eq_ignore_ascii_case(name) || Some(role.id) == id)
    }
}

/// Returns whether `text` matches `pattern`, in which `*` matches any text, including slashes.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut left) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        let Some(found) = left.find(part) else { return false };
        left = &left[found + part.len()..];
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_cross_slashes() {
        for (pattern, text, fits) in [
            ("*", "Microsoft.KeyVault/vaults/read", true),
            ("*/read", "Microsoft.KeyVault/vaults/read", true),
            ("*/read", "Microsoft.KeyVault/vaults/write", false),
            ("Microsoft.KeyVault/*/read", "microsoft.keyvault/vaults/secrets/READ", true),
            ("Microsoft.Authorization/*/Write", "Microsoft.Authorization/roleAssignments/write", true),
            ("a*b", "ab", true),
            ("a*ab", "ab", false),
        ] {
            assert_eq!(matches(pattern, text), fits, "{pattern} {text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_matches_the_text_it_was_made_from(parts in proptest::collection::vec("[a-bé/]{0,3}", 1..5)) {
            proptest::prop_assert!(matches(&parts.join("*"), &parts.concat()));
        }
    }
}
