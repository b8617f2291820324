# The operator's half of the PostgreSQL lab: a vault with the login to the database, and a group of machines that may read
# it. runbooks/postgres then runs on each of these machines.
#
#   arcbook run -lab runbooks/postgres/prepare    against a local Azure
#   arcbook run runbooks/postgres/prepare         from the computer of an operator, against Azure
#
# An application acts, not the machine. The README beside ../postgres.runbook.hcl says what to set, and which rights it needs.

runbook {
  description = "The operator's half of the PostgreSQL lab: a vault with the login, and the group that may read it."
  requires    = ">= 0.1"
  identity    = identity.client_secret.operator
}

variable "tenant" {
  type        = string
  description = "Id of the tenant of the application and of the vault."
}

variable "client_id" {
  type        = string
  description = "Client id of the application."
}

variable "client_secret" {
  type        = string
  sensitive   = true
  ephemeral   = true
  description = "Client secret of the application. No record keeps it, so a resumed run needs it again."
}

variable "subscription" {
  type        = string
  description = "Id of the subscription."
}

variable "resource_group" {
  type        = string
  description = "Resource group of the machines; the vault lies there, too."
}

variable "location" {
  type        = string
  description = "Location of the vault, and of the resource group if there is none."
}

variable "vault" {
  type        = string
  default     = null
  description = "Name of the vault, which nobody else in Azure may have; by default arcpg and the start of the subscription's id."
}

variable "group" {
  type        = string
  description = "Object id of the security group that gets the rights. The application is its owner."
}

variable "machines" {
  type        = set(string)
  description = "Names of the machines that become members of the group."
}

variable "database" {
  type = object({
    host = string
    port = optional(number, 5432)
    name = string
    user = string
  })
  description = "The database, and the user as whom the machines log in."

  validation {
    condition     = alltrue([for part in [var.database.host, var.database.name, var.database.user] : can(regex("^[\\w.@-]+$", part))])
    error_message = "Host, name and user have letters, digits and the characters _ . @ - alone."
  }
}

# arcbook:allow secret-not-ephemeral whether a step runs depends on it, which no ephemeral value may decide
variable "password" {
  type        = string
  sensitive   = true
  description = "Password of the user; null if the machines log in with tokens of Entra."
}

# arcbook:allow long-lived-client-secret an operator runs this once, with a secret that is given for the run
identity "client_secret" "operator" {
  description = "The application that sets up the lab."
  tenant      = var.tenant
  client_id   = var.client_id
  secret      = var.client_secret
}

locals {
  vault = var.vault != null ? var.vault : "arcpg${substr(var.subscription, 0, 8)}"

  # In a pgpass file, a backslash stands before each colon and each backslash of the password.
  escaped = var.password == null ? "" : replace(replace(var.password, "\\", "\\\\"), ":", "\\:")
}

# arcbook:allow needs-wide-rights an operator runs this once and makes the resource group
step "resource_group" "site" {
  description     = "Keeps the resource group."
  subscription_id = var.subscription
  name            = var.resource_group
  location        = var.location
}

step "arm_resource" "vault" {
  description = "Keeps the vault, in which roles decide who may do what."
  id          = "${step.resource_group.site.id}/providers/Microsoft.KeyVault/vaults/${local.vault}"
  api_version = "2023-07-01"

  body = {
    location = var.location
    properties = {
      tenantId                  = var.tenant
      sku                       = { family = "A", name = "standard" }
      enableRbacAuthorization   = true
      softDeleteRetentionInDays = 7
    }
  }
}

# The operator may write secrets. Whoever makes a vault has no right to its secrets.

step "token" "operator" {
  description = "Tells the object id of the application."
  resource    = "https://management.azure.com"
}

# arcbook:allow needs-wide-rights an operator runs this once, and may assign roles in the resource group
step "role_assignment" "operator" {
  description  = "Lets the application write secrets."
  scope        = step.arm_resource.vault.id
  role         = "Key Vault Secrets Officer"
  principal_id = step.token.operator.claims.oid
}

# arcbook:allow secret-without-expiry the text names a server, and holds no password
step "keyvault_secret_set" "psql" {
  description  = "Keeps the connection, as the command line of psql."
  vault        = local.vault
  name         = "psql-cmd"
  value        = "psql --host=${var.database.host} --port=${var.database.port} --username=${var.database.user} --dbname=${var.database.name}"
  content_type = "text/plain"
  recover      = true
  depends_on   = [step.role_assignment.operator]
}

# arcbook:allow secret-without-expiry the password lives as long as that of the user in the database
step "keyvault_secret_set" "pgpass" {
  description = "Keeps the password, as a line of a pgpass file."
  # There is a password or there is none: that is no secret.
  when         = nonsensitive(var.password != null)
  vault        = local.vault
  name         = "psql-pgpass"
  value        = "${var.database.host}:*:*:${var.database.user}:${local.escaped}"
  content_type = "text/plain"
  recover      = true
  depends_on   = [step.role_assignment.operator]
}

# The machines may read them. The group has the rights, so a further machine only has to become a member.

# arcbook:allow needs-wide-rights an operator runs this once, and may assign roles in the resource group
step "role_assignment" "reader" {
  description    = "Lets the group see the resources beside the machines, and so find the vault."
  scope          = step.resource_group.site.id
  role           = "Reader"
  principal_id   = var.group
  principal_type = "group"
}

step "role_assignment" "secrets" {
  description    = "Lets the group read the secrets of the vault."
  scope          = step.arm_resource.vault.id
  role           = "Key Vault Secrets User"
  principal_id   = var.group
  principal_type = "group"
}

step "arc_machine" "machines" {
  description    = "Finds the identity of each machine."
  for_each       = var.machines
  resource_group = step.resource_group.site.id
  name           = each.key
  extensions     = false
}

step "entra_group_member" "machines" {
  description = "Makes each machine a member of the group."
  for_each    = var.machines
  group_id    = var.group
  member_id   = step.arc_machine.machines[each.key].principal_id
}

output "vault" {
  value       = local.vault
  description = "The vault with the login."
}

output "members" {
  value       = [for machine in step.arc_machine.machines : machine.name]
  description = "The machines that may read it."
}
