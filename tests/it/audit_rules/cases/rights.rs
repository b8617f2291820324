//! The rules about rights.

use super::{Case, case};

/// The rules about rights.
pub const RIGHTS: [Case; 10] = [
    case(
        "rights-owner",
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Owner"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
        READER,
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Owner"
  principal_id = "20000000-0000-4000-8000-000000000000"
  absent       = true
}
"#,
    ),
    case(
        "rights-unknown-role",
        r#"
variable "role" {}
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = var.role == "zz" ? "Reader" : "Owner"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
        READER,
        r#"
variable "principal" {}
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Reader"
  principal_id = var.principal
}
"#,
    ),
    case(
        "needs-wide-rights",
        r#"
step "provider_registration" "_x" {
  subscription_id = "10000000-0000-4000-8000-000000000000"
  namespace       = "Microsoft.HybridCompute"
}
"#,
        r#"
step "arm_get" "_x" { path = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g" }
"#,
        // Reading a whole subscription changes nothing in it.
        r#"
step "arm_get" "_x" { path = "/subscriptions/10000000-0000-4000-8000-000000000000" }
"#,
    ),
    case(
        "rights-access-administrator",
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
        READER,
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Key Vault Secrets Officer"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
    ),
    case(
        "rights-wide-scope",
        r#"
variable "subscription" {}
step "role_assignment" "_x" {
  scope        = "/subscriptions/${var.subscription}"
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
        READER,
        r#"
variable "subscription" {}
step "role_assignment" "_x" {
  scope        = "/subscriptions/${var.subscription}/resourceGroups/g"
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
    ),
    case(
        "rights-wildcard",
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/r"
  api_version = "2022-04-01"
  body = {
    properties = { roleName = "all", permissions = [{ actions = ["*"] }] }
  }
}
"#,
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/r"
  api_version = "2022-04-01"
  body = {
    properties = { roleName = "one", permissions = [{ actions = ["Microsoft.Compute/virtualMachines/read"] }] }
  }
}
"#,
        // Reading everything, and excluding everything, are no changes.
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/r"
  api_version = "2022-04-01"
  body = {
    properties = { roleName = "reader", permissions = [{ actions = ["*/read"], notActions = ["*"] }] }
  }
}
"#,
    ),
    case(
        "rights-foreign-tenant",
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleAssignments/a"
  api_version = "2022-04-01"
  body        = { properties = { principalType = "ForeignGroup", principalId = "p" } }
}
"#,
        READER,
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleAssignments/a"
  api_version = "2022-04-01"
  body        = { properties = { principalType = "Group", principalId = "p", description = "ForeignGroup" } }
}
"#,
    ),
    case(
        "rights-delegation",
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/providers/Microsoft.ManagedServices/registrationDefinitions/20000000-0000-4000-8000-000000000000"
  api_version = "2022-10-01"
  body        = { properties = { managedByTenantId = "30000000-0000-4000-8000-000000000000" } }
}
"#,
        READER,
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
  api_version = "2023-01-31"
  body        = { location = "westeurope" }
}
"#,
    ),
    case(
        "rights-adds-extensions",
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Azure Connected Machine Onboarding"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#,
        READER,
        r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Azure Connected Machine Onboarding"
  principal_id = "20000000-0000-4000-8000-000000000000"
  absent       = true
}
"#,
    ),
    case(
        "rights-vault-policy",
        r#"
step "keyvault_access_policy" "_x" {
  vault_id     = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v01"
  principal_id = "20000000-0000-4000-8000-000000000000"
  secrets      = ["get", "purge"]
}
"#,
        r#"
step "keyvault_access_policy" "_x" {
  vault_id     = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v01"
  principal_id = "20000000-0000-4000-8000-000000000000"
  secrets      = ["get"]
}
"#,
        r#"
step "keyvault_access_policy" "_x" {
  vault_id     = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v01"
  principal_id = "20000000-0000-4000-8000-000000000000"
  secrets      = ["get", "delete", "recover"]
}
"#,
    ),
];

/// A role that breaks no rule.
const READER: &str = r#"
step "role_assignment" "_x" {
  scope        = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  role         = "Reader"
  principal_id = "20000000-0000-4000-8000-000000000000"
}
"#;
