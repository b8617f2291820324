# Takes this machine out of Azure Arc: the counterpart of runbooks/onboard.
#
#   arcbook run -lab runbooks/onboard/offboard                       on any computer, against a local Azure
#   arcbook run -var-file site.vars.hcl runbooks/onboard/offboard    as root on the machine, against Azure
#
# A machine that is not connected has nothing to take out: then only the package is removed, if that is wanted.

runbook {
  description = "Takes a machine out of Azure Arc: its extension, its membership, its connection, and the agent if wanted."
  requires    = ">= 0.1"
  timeout     = "1h"
}

variable "tenant_id" {
  type        = string
  description = "Id of the tenant: a GUID."
}

variable "client_id" {
  type        = string
  description = "Client id of the service principal that offboards."
}

variable "client_secret" {
  type        = string
  sensitive   = true
  ephemeral   = true
  description = "Secret of that service principal. No record keeps it, so a resumed run needs it again."
}

variable "group_id" {
  type        = string
  description = "Object id of the group that the machine's identity leaves."
}

variable "remove_package" {
  type        = bool
  description = "If true, the agent's package is removed too, with its settings; if false, the agent stays."
}

variable "package_format" {
  type        = string
  default     = "deb"
  description = "Format of the package: deb or rpm."

  validation {
    condition     = contains(["deb", "rpm"], var.package_format)
    error_message = "The format is deb or rpm."
  }
}

locals {
  is_connected = step.arc_agent.here.resource_id != null
  # dpkg keeps the settings of a package that is only removed.
  remove = {
    deb = ["dpkg", "--purge", "azcmagent"]
    rpm = ["rpm", "--erase", "azcmagent"]
  }
}

# arcbook:allow long-lived-client-secret the identity of the machine ends during the run; the secret is given for one run
identity "client_secret" "onboarding" {
  description = "The service principal that offboards."
  tenant      = var.tenant_id
  client_id   = var.client_id
  secret      = var.client_secret
}

step "arc_agent" "here" {
  description = "Asks the agent as which resource the machine is connected."
}

step "arc_machine" "azure" {
  description = "Finds the machine's identity."
  when        = local.is_connected
  id          = step.arc_agent.here.resource_id
  extensions  = false
  identity    = identity.client_secret.onboarding
}

# The agent removes the extension's files only as long as it is connected.
# arcbook:allow needs-wide-rights no smaller built-in role removes an extension; it is assigned for one resource group
step "arm_delete" "key_vault" {
  description = "Removes the extension from the machine."
  when        = local.is_connected
  id          = "${step.arc_machine.azure.id}/extensions/KeyVaultForLinux"
  api_version = "2024-07-10"
  identity    = identity.client_secret.onboarding
}

step "entra_group_member" "readers" {
  description = "Takes the machine's identity out of the group."
  when        = local.is_connected
  group_id    = var.group_id
  member_id   = step.arc_machine.azure.principal_id
  absent      = true
  identity    = identity.client_secret.onboarding
}

step "arc_disconnect" "machine" {
  description = "Disconnects the machine, which deletes its resource and its identity."
  when        = local.is_connected
  resource_id = step.arc_agent.here.resource_id
  identity    = identity.client_secret.onboarding
  depends_on  = [step.arm_delete.key_vault, step.entra_group_member.readers]
}

step "exec" "remove" {
  description = "Removes the agent's package, unless the package manager says that it is not installed."
  when        = var.remove_package
  argv        = local.remove[var.package_format]
  unless      = ["sh", "removed.sh", var.package_format]
  idempotent  = true
  timeout     = "15m"
  depends_on  = [step.arc_disconnect.machine]

  # Another program may hold the lock of the package manager.
  retry {
    attempts  = 10
    delay     = "5s"
    max_delay = "30s"
  }
}

output "disconnected" {
  value       = step.arc_disconnect.machine.resource_id
  description = "The id of the resource that the machine had; null if it had none."
}
