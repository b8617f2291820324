step "keyvault_secret_delete" "it" {
  vault = "vault01"
  name  = "retired"
}
