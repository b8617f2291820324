# Onboards this machine to Azure Arc, unattended: preflight, agent, connection, tags, group, extension, and a check that
# the machine's own identity reads its secret.
#
#   arcbook run -lab runbooks/onboard                              on any computer, against a local Azure
#   arcbook run -var-file site.vars.hcl runbooks/onboard           as root on the machine, against Azure
#
# The steps are in preflight.runbook.hcl, agent.runbook.hcl, azure.runbook.hcl and check.runbook.hcl, in this order.

runbook {
  description = "Onboards a machine to Azure Arc and checks that its own identity reads its secret."
  requires    = ">= 0.1"
  timeout     = "1h"
}

# Where the machine is to be in Azure.

variable "tenant_id" {
  type        = string
  description = "Id of the tenant: a GUID."
}

variable "subscription_id" {
  type        = string
  description = "Id of the subscription: a GUID."
}

variable "resource_group" {
  type        = string
  description = "Name of the resource group for the machine's resource."
}

variable "location" {
  type        = string
  description = "Azure region of the machine's resource."
}

variable "resource_name" {
  type        = string
  default     = null
  description = "Name of the machine's resource; null for the name of the host."
}

variable "tags" {
  type        = map(string)
  description = "Tags of the machine's resource; {} for none. Other tags that it has are kept."
}

# Who onboards.

variable "client_id" {
  type        = string
  description = "Client id of the service principal that onboards."
}

variable "client_secret" {
  type        = string
  sensitive   = true
  ephemeral   = true
  description = "Secret of that service principal. No record keeps it, so a resumed run needs it again."
}

# The agent's package.

variable "package" {
  type        = string
  description = "Path of the agent's package; null, or an empty text, if the agent is installed already."
}

variable "package_sha256" {
  type        = string
  default     = ""
  description = "SHA-256 of the package, in hexadecimal digits."

  validation {
    condition     = can(regex("^([0-9A-Fa-f]{64})?$", var.package_sha256))
    error_message = "A SHA-256 has 64 hexadecimal digits."
  }
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

variable "cache" {
  type        = string
  default     = "/var/cache/arcbook"
  description = "Directory for the verified copy of the package. Only root may be able to write to it."
}

variable "proxy" {
  type        = string
  default     = null
  description = "URL of the proxy that the agent uses; null for none. arcbook itself takes its own from HTTPS_PROXY."
}

# What the machine may read, and the certificates that its agent keeps.

variable "group_id" {
  type        = string
  description = "Object id of the group whose members may read the secrets of the vault."
}

variable "vault" {
  type        = string
  description = "Name of the key vault."
}

variable "secret" {
  type        = string
  description = "Name of the secret that the machine must be able to read."
}

variable "certificates" {
  type        = list(string)
  default     = []
  description = "Names of the vault's certificates that the extension keeps on the machine."
}

# The demands of the preflight.

variable "hosts" {
  type = list(string)
  default = [
    "agentserviceapi.guestconfiguration.azure.com",
    "gbl.his.arc.azure.com",
    "guestnotificationservice.azure.com",
    "pas.windows.net",
  ]
  description = "Hosts that the agent needs, beside those of Microsoft Entra, Resource Manager and Graph."
}

variable "vault_domain" {
  type        = string
  default     = "vault.azure.net"
  description = "Domain of the vaults of the cloud; null leaves the vault out of the preflight."
}

variable "disk_gib" {
  type        = number
  default     = 2
  description = "Free space that the agent and its extensions need below /opt and below /var/lib, in GiB."
}

variable "root" {
  type        = bool
  default     = true
  description = "If false, root is not demanded: for the lab, whose agent needs no privilege."
}

# arcbook:allow long-lived-client-secret a machine has no identity before it is connected; the secret is given for one run
identity "client_secret" "onboarding" {
  description = "The service principal that onboards."
  tenant      = var.tenant_id
  client_id   = var.client_id
  secret      = var.client_secret
}

# The agent keeps a token for a day, and a membership counts from the next one, so the first token has to come after it.
identity "managed" "machine" {
  description = "The machine's own identity, as soon as it is a member of its group."
  from        = "arc"
  depends_on  = [step.entra_group_member.readers]
}

output "machine" {
  value       = step.arc_connect.machine.resource_id
  description = "The id of the machine in Azure."
}

output "principal_id" {
  value       = step.arc_machine.azure.principal_id
  description = "The object id of the machine's own identity."
}

output "secret_version" {
  value       = step.keyvault_secret.check.version
  description = "The version of the secret that the machine read."
}
