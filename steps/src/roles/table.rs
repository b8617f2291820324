//! Holds the roles that can be suggested: those of the built-in table, or those of a file.

use std::sync::LazyLock;

use arcbook_engine::step::RoleSource;

use super::block::Block;
use super::role::Role;

/// The date of the built-in table.
pub const DATE: &str = "2026-08-22";

const TABLE: &str = include_str!("built_in_roles.txt");

static BUILT_IN: LazyLock<RoleTable> = LazyLock::new(|| {
    let roles = parse(TABLE);
    let source = RoleSource {
        source: "arcbook's table of built-in roles".to_owned(),
        date: Some(DATE.to_owned()),
        roles: roles.len(),
    };
    RoleTable { roles, source }
});

/// The roles that can be suggested.
#[derive(Clone, Debug)]
pub struct RoleTable {
    roles: Vec<Role>,
    source: RoleSource,
}

impl RoleTable {
    /// Returns the table of these roles.
    #[must_use]
    pub fn new(roles: Vec<Role>, source: RoleSource) -> Self {
        Self { roles, source }
    }

    /// Returns the roles.
    #[must_use]
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// Returns the role with the id of a definition, as an assignment names it.
    #[must_use]
    pub fn defined_by(&self, id: &str) -> Option<&Role> {
        let id = id.rsplit('/').next().unwrap_or_default();
        self.roles.iter().find(|role| role.id.eq_ignore_ascii_case(id))
    }

    /// Returns the source of the roles.
    #[must_use]
    pub fn source(&self) -> &RoleSource {
        &self.source
    }
}

/// Returns the table of built-in roles.
#[must_use]
pub fn built_in() -> &'static RoleTable {
    &BUILT_IN
}

fn parse(table: &str) -> Vec<Role> {
    let mut roles: Vec<Role> = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        if let Some(role) = header(line) {
            roles.push(role);
            continue;
        }
        let Some(role) = roles.last_mut() else { continue };
        if line == "or" {
            role.blocks.push(Block::default());
        }
        let Some(block) = role.blocks.last_mut() else { continue };
        match line.split_once(' ') {
            Some(("+", pattern)) => block.actions.push(pattern.to_owned()),
            Some(("-", pattern)) => block.not_actions.push(pattern.to_owned()),
            Some(("d+", pattern)) => block.data_actions.push(pattern.to_owned()),
            Some(("d-", pattern)) => block.not_data_actions.push(pattern.to_owned()),
            Some(("if", condition)) => condition.clone_into(&mut block.condition),
            _ => {}
        }
    }
    roles
}

/// Parses `role ID HOME = NAME`.
fn header(line: &str) -> Option<Role> {
    let (start, name) = line.strip_prefix("role ")?.split_once(" = ")?;
    let (id, home) = start.split_once(' ')?;
    let [id, home, name] = [id, home, name].map(str::to_owned);
    Some(Role { id, name, home, blocks: vec![Block::default()], ..Role::default() })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use arcbook_engine::step::Plane::{Control, Data};

    use super::super::block::Reading::{self, Lenient, Strict};
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        let known = |line: &&str| {
            ["", "or"].contains(line)
                || ["#", "role ", "+ ", "- ", "d+ ", "d- ", "if "].iter().any(|start| line.starts_with(start))
        };
        assert_eq!(TABLE.lines().find(|line| !known(line)), None);
        assert!(TABLE.lines().next().is_some_and(|line| line.contains(DATE)));
        let headers = TABLE.lines().filter(|line| line.starts_with("role ")).count();
        let roles = built_in().roles();
        let ids: BTreeSet<_> = roles.iter().map(|role| &role.id).collect();
        assert_eq!((roles.len(), ids.len()), (headers, headers));
        for role in roles {
            let patterns =
                role.blocks.iter().flat_map(|block| [block.patterns(Control), block.patterns(Data)]);
            let patterns: Vec<_> =
                patterns.flat_map(|(allowed, excluded)| [allowed, excluded]).flatten().collect();
            assert!(!patterns.is_empty() && role.id.len() == 36, "{}", role.name);
            // More than one `*` in a pattern would need another way to match.
            assert!(patterns.iter().all(|pattern| pattern.matches('*').count() < 2), "{}", role.name);
        }
    }

    /// The role, an action, and whether it is allowed by the strict and by the lenient reading.
    const ALLOWED: &[(&str, &str, arcbook_engine::step::Plane, bool, bool)] = &[
        ("Owner", "Microsoft.Authorization/roleAssignments/write", Control, true, true),
        ("Contributor", "Microsoft.Authorization/roleAssignments/write", Control, false, false),
        ("Contributor", "microsoft.authorization/ROLEASSIGNMENTS/DELETE", Control, false, false),
        ("Contributor", "Microsoft.Authorization/locks/write", Control, false, false),
        ("Contributor", "Microsoft.Authorization/roleAssignments/read", Control, true, true),
        ("Contributor", "Microsoft.KeyVault/vaults/accessPolicies/write", Control, true, true),
        ("Contributor", "Microsoft.KeyVault/vaults/secrets/write", Control, true, true),
        ("Contributor", "Microsoft.KeyVault/vaults/secrets/getSecret/action", Data, false, false),
        ("Owner", "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", Data, false, false),
        ("Contributor", "Microsoft.Storage/storageAccounts/listKeys/action", Control, true, true),
        ("Reader", "Microsoft.Storage/storageAccounts/listKeys/action", Control, false, false),
        ("Reader", "Microsoft.HybridCompute/machines/runCommands/read", Control, true, true),
        ("Reader", "Microsoft.OperationalInsights/workspaces/query/read", Control, true, true),
        (
            "Reader",
            "Microsoft.HybridCompute/locations/publishers/extensionTypes/versions/read",
            Data,
            false,
            false,
        ),
        ("Reader", "Microsoft.KeyVault/vaults/secrets/readMetadata/action", Data, false, false),
        ("Azure Connected Machine Onboarding", "Microsoft.HybridCompute/machines/write", Control, true, true),
        (
            "Azure Connected Machine Onboarding",
            "Microsoft.HybridCompute/machines/delete",
            Control,
            false,
            false,
        ),
        (
            "Azure Connected Machine Onboarding",
            "Microsoft.HybridCompute/machines/extensions/write",
            Control,
            false,
            false,
        ),
        (
            "Azure Connected Machine Onboarding",
            "Microsoft.HybridCompute/machines/addExtensions/action",
            Control,
            true,
            true,
        ),
        (
            "Azure Connected Machine Onboarding",
            "Microsoft.HybridCompute/register/action",
            Control,
            false,
            false,
        ),
        (
            "Azure Connected Machine Resource Administrator",
            "Microsoft.HybridCompute/machines/runcommands/write",
            Control,
            true,
            true,
        ),
        (
            "Azure Connected Machine Resource Administrator",
            "Microsoft.HybridCompute/machines/addExtensions/action",
            Control,
            true,
            true,
        ),
        (
            "Azure Connected Machine Resource Administrator",
            "Microsoft.Authorization/permissions/read",
            Control,
            false,
            false,
        ),
        (
            "Azure Connected Machine Resource Manager",
            "Microsoft.HybridCompute/machines/runcommands/write",
            Control,
            false,
            false,
        ),
        (
            "Log Analytics Contributor",
            "Microsoft.HybridCompute/machines/extensions/write",
            Control,
            true,
            true,
        ),
        (
            "Key Vault Contributor",
            "Microsoft.KeyVault/locations/deletedVaults/purge/action",
            Control,
            false,
            false,
        ),
        ("Key Vault Contributor", "Microsoft.KeyVault/vaults/read", Control, true, true),
        ("Key Vault Reader", "Microsoft.KeyVault/vaults/read", Control, false, true),
        ("Key Vault Reader", "Microsoft.KeyVault/vaults/keys/read", Data, true, true),
        ("Key Vault Reader", "Microsoft.KeyVault/vaults/secrets/getSecret/action", Data, false, false),
        ("Key Vault Secrets Officer", "Microsoft.KeyVault/vaults/secrets/purge/action", Data, true, true),
        (
            "Key Vault Certificate User",
            "Microsoft.KeyVault/vaults/secrets/getSecret/action",
            Data,
            true,
            true,
        ),
        (
            "Managed Identity Operator",
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
            Control,
            false,
            true,
        ),
        (
            "Managed Identity Operator",
            "Microsoft.ManagedIdentity/userAssignedIdentities/read",
            Control,
            false,
            true,
        ),
        (
            "Virtual Machine Administrator Login",
            "Microsoft.HybridCompute/machines/read",
            Control,
            false,
            true,
        ),
        (
            "Storage Blob Data Contributor",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/tags/write",
            Data,
            false,
            false,
        ),
        (
            "Storage Blob Data Contributor",
            "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action",
            Data,
            true,
            true,
        ),
        (
            "Storage Blob Data Contributor",
            "Microsoft.Storage/storageAccounts/blobServices/containers/write",
            Control,
            true,
            true,
        ),
        (
            "Storage Blob Data Reader",
            "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action",
            Control,
            true,
            true,
        ),
        (
            "Log Analytics Reader",
            "Microsoft.OperationalInsights/workspaces/sharedKeys/read",
            Control,
            false,
            false,
        ),
        ("Tag Contributor", "Microsoft.Resources/tags/write", Control, true, true),
        ("Tag Contributor", "Microsoft.Resources/subscriptions/tagNames/read", Control, false, false),
        (
            "Role Based Access Control Administrator",
            "Microsoft.Authorization/roleDefinitions/write",
            Control,
            false,
            false,
        ),
        (
            "Key Vault Data Access Administrator",
            "Microsoft.Authorization/roleAssignments/write",
            Control,
            false,
            false,
        ),
    ];

    #[test]
    fn roles_allow_what_their_patterns_say() {
        let allows = |name: &str, action: &str, plane, reading: Reading| {
            let role = built_in().roles().iter().find(|role| role.name == name);
            role.unwrap_or_else(|| panic!("no role {name}")).allows(action, plane, reading)
        };
        for &(name, action, plane, strict, lenient) in ALLOWED {
            assert_eq!(allows(name, action, plane, Strict), strict, "{name} {action}");
            assert_eq!(allows(name, action, plane, Lenient), lenient, "{name} {action}");
        }
    }
}
