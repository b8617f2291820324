step "keyvault_secrets" "it" {
  vault   = "vault01"
  extract = { names = "secrets[].name" }
}

output "names" {
  value = step.keyvault_secrets.it.extract.names
}
