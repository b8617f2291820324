step "keyvault_access_policy" "it" {
  vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.KeyVault/vaults/vault01"
  principal_id = "40000000-0000-4000-8000-000000000001"
  secrets      = ["get"]
}
