# The "managed identity on an Azure Arc-enabled server" lab of the Azure Arc Jumpstart, as a runbook.
#
# It replaces the lab's shell commands: read the machine's metadata and tags, list the subscription's tag
# names, find the vault and the storage account, read a secret, create a container and upload a file. arcbook
# requests the tokens itself, since each step type has its audience.
#
#   arcbook run -lab runbooks/jumpstart     on any computer, against a local Azure
#   arcbook run runbooks/jumpstart          on an Arc-enabled server, against Azure

runbook {
  description = "The Jumpstart managed-identity lab: find the vault, read a secret, upload a file."
  requires    = ">= 0.1"
}

variable "container" {
  type        = string
  default     = "uploads"
  description = "The blob container that receives the file."

  validation {
    condition     = can(regex("^[a-z0-9](-?[a-z0-9]){2,62}$", var.container))
    error_message = "A container has 3 to 63 lower-case letters, digits and single hyphens."
  }
}

variable "file" {
  type        = string
  default     = "/etc/hosts"
  description = "The file that is uploaded."
}

variable "vault" {
  type        = string
  default     = null
  description = "Name of the vault, if the resource group of the machine has several."
}

variable "account" {
  type        = string
  default     = null
  description = "Name of the storage account, if the resource group of the machine has several."
}

locals {
  scope   = "/subscriptions/${step.metadata.machine.subscription_id}"
  vault   = var.vault != null ? var.vault : step.arm_list.resources.extract.vault
  account = var.account != null ? var.account : step.arm_list.resources.extract.account

  remedy = "An operator has to create one there, or to grant the machine's identity the role Reader: a list leaves out what the identity may not read."
}

step "metadata" "machine" {
  description = "Asks the agent on this machine who the machine is."
}

step "arm_get" "tag_names" {
  description = "Lists the names of all tags in the subscription."
  path        = "${local.scope}/tagNames"
  api_version = "2021-04-01"
  extract     = { names = "value[].tagName" }
}

step "arm_list" "resources" {
  description = "Finds the vault and the storage account beside the machine."
  scope       = step.metadata.machine.resource_group_id

  # Azure writes types in any case, such as `microsoft.keyvault/VAULTS`.
  extract = {
    vault         = "value[?lower(type)=='microsoft.keyvault/vaults'].name | [0]"
    other_vault   = "value[?lower(type)=='microsoft.keyvault/vaults'].name | [1]"
    account       = "value[?lower(type)=='microsoft.storage/storageaccounts'].name | [0]"
    other_account = "value[?lower(type)=='microsoft.storage/storageaccounts'].name | [1]"
  }

  # A secret is read, and a file uploaded, only where it is clear which vault and which account is meant.
  postcondition {
    condition     = var.vault != null ? true : self.extract.vault != null
    error_message = "The resource group ${step.metadata.machine.resource_group} shows no key vault. ${local.remedy}"
  }

  postcondition {
    condition     = var.vault != null ? true : self.extract.other_vault == null
    error_message = "The resource group ${step.metadata.machine.resource_group} shows several key vaults, ${self.extract.vault} and ${self.extract.other_vault} among them: choose one with -var vault=NAME."
  }

  postcondition {
    condition     = var.account != null ? true : self.extract.account != null
    error_message = "The resource group ${step.metadata.machine.resource_group} shows no storage account. ${local.remedy}"
  }

  postcondition {
    condition     = var.account != null ? true : self.extract.other_account == null
    error_message = "The resource group ${step.metadata.machine.resource_group} shows several storage accounts, ${self.extract.account} and ${self.extract.other_account} among them: choose one with -var account=NAME."
  }
}

step "keyvault_secret" "scenario" {
  description = "Reads the secret that only this machine may read."
  vault       = local.vault
  name        = "scenario"
}

step "blob_container" "uploads" {
  description = "Makes the container, unless it is there."
  account     = local.account
  name        = var.container
}

step "blob_upload" "hosts" {
  description = "Uploads the file, replacing what a run before left."
  account     = local.account
  container   = step.blob_container.uploads.name
  name        = "hosts.txt"
  source      = var.file
}

output "machine" {
  value       = step.metadata.machine.name
  description = "The name of this machine."
}

output "tags" {
  value       = step.metadata.machine.tags
  description = "The tags of this machine."
}

output "tag_names" {
  value       = sort(step.arm_get.tag_names.extract.names)
  description = "The names of all tags in the subscription."
}

output "secret" {
  value       = step.keyvault_secret.scenario.value
  sensitive   = true
  description = "What the vault keeps for this machine."
}

output "secret_version" {
  value       = step.keyvault_secret.scenario.version
  description = "The version of the secret that was read."
}

output "url" {
  value       = step.blob_upload.hosts.url
  description = "Where the file is now."
}

output "md5" {
  value       = step.blob_upload.hosts.md5
  description = "The MD5 of the file, as the storage service counts it."
}
