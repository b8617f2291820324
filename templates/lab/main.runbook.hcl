# A first runbook: it finds the vault beside this machine, reads a secret from it, and uploads a report.
#
#   arcbook plan        shows what a run would do; sends nothing
#   arcbook run -lab    runs against a local Azure inside arcbook, on any computer
#   arcbook run         runs against Azure, on an Arc-enabled server, as the machine's own identity
#
# There is no token to request and no order to keep: a step waits for the steps that it refers to. `arcbook explain` lists
# all step types, and `arcbook explain keyvault_secret` documents one.

runbook {
  description = "Find the vault, read a secret, upload a report."
}

# The value for one run: arcbook run -lab -var container=inventory
variable "container" {
  type        = string
  default     = "reports"
  description = "The blob container that receives the report."
}

# The agent on this machine knows the machine's name, its tags and its resource group.
step "metadata" "machine" {}

# The resources in the same group. A query picks values from the response, in JMESPath, as `az --query` does.
step "arm_list" "resources" {
  scope = step.metadata.machine.resource_group_id
  extract = {
    vault   = "value[?type=='Microsoft.KeyVault/vaults'].name | [0]"
    account = "value[?type=='Microsoft.Storage/storageAccounts'].name | [0]"
  }
}

# The value of a secret is sensitive: it may go to other steps, and no plan, output or record shows it.
step "keyvault_secret" "scenario" {
  vault = step.arm_list.resources.extract.vault
  name  = "scenario"
}

# The two steps that change something. A second run against the same Azure finds both as wanted.
step "blob_container" "reports" {
  account = step.arm_list.resources.extract.account
  name    = var.container
}

step "blob_upload" "report" {
  account   = step.arm_list.resources.extract.account
  container = step.blob_container.reports.name
  name      = "${step.metadata.machine.name}.json"
  content = jsonencode({
    machine        = step.metadata.machine.name
    tags           = step.metadata.machine.tags
    secret_version = step.keyvault_secret.scenario.version
  })
}

output "machine" { value = step.metadata.machine.name }
output "report" { value = step.blob_upload.report.url }
