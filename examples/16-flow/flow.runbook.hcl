# Where a secret goes: this runbook copies one from a vault to a blob. The plan shows the destination and not the value, and
# an output that contains it must be declared sensitive.
#
#   arcbook run -lab examples/16-flow
#   arcbook plan examples/16-flow      see `Secrets` on its first page

variable "vault" {
  type    = string
  default = "arcmi00000000"
}

variable "account" {
  type    = string
  default = "arcmi00000000"
}

step "keyvault_secret" "scenario" {
  vault = var.vault
  name  = "scenario"
}

step "blob_container" "secrets" {
  account = var.account
  name    = "secrets"
}

# arcbook:allow secret-in-object the example shows where a secret goes that is copied; a real one stays in the vault
step "blob_upload" "copy" {
  account   = var.account
  container = step.blob_container.secrets.name
  name      = "scenario.txt"
  content   = step.keyvault_secret.scenario.value
}

output "version" {
  value = step.keyvault_secret.scenario.version
}

output "secret" {
  value     = step.keyvault_secret.scenario.value
  sensitive = true
}
