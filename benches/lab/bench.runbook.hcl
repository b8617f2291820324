# The ten requests of the benchmark, as arcbook makes them: metadata, three challenges and their tokens, list,
# secret, blob. arcbook itself requests the tokens.

runbook {
  description = "The Jumpstart lab without its side trips: find the vault, read a secret, upload a file."
}

locals {
  vault   = step.arm_list.resources.extract.vault
  account = step.arm_list.resources.extract.account
}

step "metadata" "machine" {}

step "arm_list" "resources" {
  scope = step.metadata.machine.resource_group_id
  extract = {
    vault   = "value[?type=='Microsoft.KeyVault/vaults'].name | [0]"
    account = "value[?type=='Microsoft.Storage/storageAccounts'].name | [0]"
  }
}

step "keyvault_secret" "scenario" {
  vault = local.vault
  name  = "scenario"
}

# As in the Jumpstart lab, the upload waits until the machine has read the secret.
step "blob_upload" "hosts" {
  account    = local.account
  container  = "uploads"
  name       = "hosts.txt"
  source     = "/etc/hosts"
  depends_on = [step.keyvault_secret.scenario]
}
