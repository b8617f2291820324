variable "value" {
  type      = string
  sensitive = true
  default   = "canary-new-secret"
}

step "keyvault_secret_set" "it" {
  vault = "vault01"
  name  = "first"
  value = var.value
}
