//! Names the built-in role that suits a permission.

/// The built-in roles that suit a permission: neither more rights than needed nor a stranger to the task.
const ROLES: [(&str, &str); 8] = [
    ("*/read", "Reader"),
    ("Microsoft.KeyVault/vaults/secrets/getSecret/action", "Key Vault Secrets User"),
    ("Microsoft.Storage/storageAccounts/blobServices/containers/read", "Storage Blob Data Reader"),
    ("Microsoft.Storage/storageAccounts/blobServices/containers/write", "Storage Blob Data Contributor"),
    ("Microsoft.Storage/storageAccounts/blobServices/containers/delete", "Storage Blob Data Contributor"),
    ("Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read", "Storage Blob Data Reader"),
    (
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
        "Storage Blob Data Contributor",
    ),
    (
        "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
        "Storage Blob Data Contributor",
    ),
];

/// Returns the name of the built-in role that suits the permission `action`.
pub fn role_with(action: &str) -> Option<&'static str> {
    ROLES.iter().find(|(own, _)| *own == action).map(|(_, role)| *role)
}
