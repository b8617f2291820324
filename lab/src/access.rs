//! Role-based access: built-in roles, role assignments, and the permissions that they grant.

use uuid::Uuid;

use crate::world::derived_id;

/// A built-in role, reduced to the permissions that the lab's services check.
#[derive(Debug, PartialEq)]
pub(crate) struct Role {
    pub name: &'static str,
    /// The role's GUID, which is the same in every Azure tenant.
    pub id: &'static str,
    actions: &'static [&'static str],
    not_actions: &'static [&'static str],
    data_actions: &'static [&'static str],
}

/// An operation that a caller needs permission for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Permission<'a> {
    /// A control-plane action: `Microsoft.KeyVault/vaults/read`.
    Action(&'a str),
    /// A data-plane action: `Microsoft.KeyVault/vaults/secrets/getSecret/action`.
    DataAction(&'a str),
}

const ROLES: &[Role] = &[
    Role {
        name: "Owner",
        id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        actions: &["*"],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        name: "Contributor",
        id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
        actions: &["*"],
        not_actions: &["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write"],
        data_actions: &[],
    },
    Role {
        name: "Reader",
        id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        actions: &["*/read"],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        name: "Azure Connected Machine Onboarding",
        id: "b64e21ea-ac4e-4cdf-9dc9-5b892992bee7",
        actions: &[
            "Microsoft.HybridCompute/machines/read",
            "Microsoft.HybridCompute/machines/write",
            "Microsoft.HybridCompute/privateLinkScopes/read",
            "Microsoft.GuestConfiguration/guestConfigurationAssignments/read",
        ],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        name: "Azure Connected Machine Resource Administrator",
        id: "cd570a14-e51a-42ad-bac8-bafd67325302",
        actions: &[
            "Microsoft.HybridCompute/machines/*",
            "Microsoft.HybridCompute/privateLinkScopes/*",
            "Microsoft.HybridCompute/licenses/*",
            "Microsoft.HybridCompute/locations/*",
            "Microsoft.HybridCompute/*/read",
            "Microsoft.Resources/deployments/*",
        ],
        not_actions: &[],
        data_actions: &[],
    },
    Role {
        name: "Key Vault Reader",
        id: "21090545-7ca7-4776-b22c-e363652d74d2",
        actions: &["Microsoft.KeyVault/*/read", "Microsoft.Resources/subscriptions/resourceGroups/read"],
        not_actions: &[],
        data_actions: &[
            "Microsoft.KeyVault/vaults/*/read",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
    },
    Role {
        name: "Key Vault Secrets User",
        id: "4633458b-17de-408a-b874-0445c86b69e6",
        actions: &[],
        not_actions: &[],
        data_actions: &[
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            "Microsoft.KeyVault/vaults/secrets/readMetadata/action",
        ],
    },
    Role {
        name: "Key Vault Secrets Officer",
        id: "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        actions: &["Microsoft.KeyVault/vaults/read"],
        not_actions: &[],
        data_actions: &["Microsoft.KeyVault/vaults/secrets/*"],
    },
    Role {
        name: "Storage Blob Data Reader",
        id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
        actions: &["Microsoft.Storage/storageAccounts/blobServices/containers/read"],
        not_actions: &[],
        data_actions: &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read"],
    },
    Role {
        name: "Storage Blob Data Contributor",
        id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        actions: &[
            "Microsoft.Storage/storageAccounts/blobServices/containers/delete",
            "Microsoft.Storage/storageAccounts/blobServices/containers/read",
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
        ],
        not_actions: &[],
        data_actions: &[
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
        ],
    },
    Role {
        name: "Storage Blob Data Owner",
        id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        actions: &["Microsoft.Storage/storageAccounts/blobServices/containers/*"],
        not_actions: &[],
        data_actions: &["Microsoft.Storage/storageAccounts/blobServices/containers/blobs/*"],
    },
];

/// Returns the role with this name or GUID.
pub(crate) fn role_named(name: &str) -> Option<&'static Role> {
    ROLES.iter().find(|role| role.name.eq_ignore_ascii_case(name) || role.id.eq_ignore_ascii_case(name))
}

/// Returns every role's name, quoted and comma-separated, for a message.
pub(crate) fn role_names() -> String {
    ROLES.iter().map(|role| format!("\"{}\"", role.name)).collect::<Vec<_>>().join(", ")
}

impl Role {
    fn allows(&self, permission: Permission<'_>) -> bool {
        let any = |patterns: &[&str], wanted: &str| patterns.iter().any(|pattern| matches(pattern, wanted));
        match permission {
            Permission::Action(action) => any(self.actions, action) && !any(self.not_actions, action),
            Permission::DataAction(action) => any(self.data_actions, action),
        }
    }
}

/// A role that a principal holds at a scope and below it.
#[derive(Clone, Debug)]
pub(crate) struct Assignment {
    pub name: Uuid,
    pub role: &'static Role,
    pub principal: Uuid,
    pub scope: String,
}

impl Assignment {
    pub(crate) fn new(role: &'static Role, principal: Uuid, scope: &str) -> Self {
        let name = derived_id(&["role assignment", role.id, &principal.to_string(), &scope.to_lowercase()]);
        Self { name, role, principal, scope: scope.to_owned() }
    }
}

/// Every role assignment of a world.
#[derive(Clone, Debug)]
pub(crate) struct Assignments(Vec<Assignment>);

impl Assignments {
    pub(crate) fn new(assignments: Vec<Assignment>) -> Self {
        Self(assignments)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Assignment> {
        self.0.iter()
    }

    /// Returns whether a role held at `scope` or above it grants `permission` to `principal`.
    pub(crate) fn allows(&self, principal: Uuid, permission: Permission<'_>, scope: &str) -> bool {
        let held = self.0.iter().filter(|held| held.principal == principal && is_within(scope, &held.scope));
        held.into_iter().any(|held| held.role.allows(permission))
    }
}

/// Returns whether `id` is `scope` or lies under it. Both are resource ids, compared without case.
pub(crate) fn is_within(id: &str, scope: &str) -> bool {
    let (id, scope) = (id.to_lowercase(), scope.trim_end_matches('/').to_lowercase());
    id.strip_prefix(&scope).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Returns whether `text` matches `pattern`, in which `*` matches any text, including slashes.
fn matches(pattern: &str, text: &str) -> bool {
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

    #[test]
    fn a_role_applies_at_its_scope_and_below() {
        let principal = Uuid::from_u128(1);
        let reader = role_named("reader").unwrap();
        let held =
            Assignments::new(vec![Assignment::new(reader, principal, "/subscriptions/S/resourceGroups/rg")]);
        let read = Permission::Action("A.B/c/read");
        assert!(held.allows(principal, read, "/subscriptions/s/resourcegroups/RG/providers/A.B/c/x"));
        assert!(!held.allows(principal, read, "/subscriptions/s/resourceGroups/rg2/providers/A.B/c/x"));
        assert!(!held.allows(principal, read, "/subscriptions/s"));
        assert!(!held.allows(Uuid::from_u128(2), read, "/subscriptions/s/resourceGroups/rg"));
        let data = Permission::DataAction("Microsoft.KeyVault/vaults/secrets/getSecret/action");
        assert!(!held.allows(principal, data, "/subscriptions/s/resourceGroups/rg"), "readers see no data");
    }

    proptest::proptest! {
        #[test]
        fn a_pattern_matches_the_text_it_was_made_from(parts in proptest::collection::vec("[a-bé/]{0,3}", 1..5)) {
            proptest::prop_assert!(matches(&parts.join("*"), &parts.concat()));
        }
    }
}
