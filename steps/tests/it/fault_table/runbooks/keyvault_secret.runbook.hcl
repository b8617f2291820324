step "keyvault_secret" "it" {
  vault = "vault01"
  name  = "first"
}

output "version" {
  value = step.keyvault_secret.it.version != ""
}
