# The start of an onboarding: an Arc-enabled server gets its tags and its first right, and shows that the right works.
#
#   arcbook plan        shows what a run would do; sends nothing
#   arcbook run -lab    runs against a local Azure inside arcbook, which onboard.lab.hcl describes
#   arcbook run         runs against Azure, on the server
#
# It is safe to run again: each step compares first, and changes only what differs.

runbook {
  description = "Set up an Arc-enabled server: providers, tags, one right, a check."
  identity    = identity.managed.operator
}

# Two identities act. The operator sets the server up, and needs the rights that the plan lists. On the lab the server's own
# identity has them. In Azure it should not: sign in with `az login`, write `identity "azure_cli" "operator" {}` here, and
# `identity.azure_cli.operator` above.
identity "managed" "operator" {}

# The server itself, which may read its secrets and nothing else.
identity "managed" "server" {}

variable "tags" {
  type        = map(string)
  default     = { owner = "operations", datacentre = "Reading" }
  description = "The tags of the server. Other tags stay as they are."

  validation {
    condition     = contains(keys(var.tags), "owner")
    error_message = "Each server has an owner: give the tag `owner`."
  }
}

variable "vault" {
  type        = string
  default     = "site00000000"
  description = "The key vault beside the server."
}

variable "secret" {
  type        = string
  default     = "first"
  description = "A secret that the server reads to show that it may."
}

step "metadata" "machine" {
  description = "Asks the agent which server this is."
}

step "arc_machine" "server" {
  description = "Asks Azure for the server's identity."
  id          = step.metadata.machine.resource_id
}

# arcbook:allow needs-wide-rights a provider is registered for a whole subscription
step "provider_registration" "needed" {
  description     = "Registers the subscription for the services of Arc-enabled servers."
  for_each        = toset(["Microsoft.HybridCompute", "Microsoft.GuestConfiguration", "Microsoft.HybridConnectivity"])
  subscription_id = step.metadata.machine.subscription_id
  namespace       = each.key
}

step "resource_tags" "server" {
  id   = step.metadata.machine.resource_id
  tags = var.tags
}

# arcbook:allow needs-wide-rights the operator who runs this may assign roles
step "role_assignment" "secrets" {
  description  = "Lets the server read the secrets of the vault."
  scope        = "${step.metadata.machine.resource_group_id}/providers/Microsoft.KeyVault/vaults/${var.vault}"
  role         = "Key Vault Secrets User"
  principal_id = step.arc_machine.server.principal_id
  reason       = "reads its own secrets"
}

# A new right takes effect after minutes. Until then arcbook repeats the request, for at most ten minutes.
step "keyvault_secret" "first" {
  description = "Reads a secret as the server itself."
  vault       = var.vault
  name        = var.secret
  identity    = identity.managed.server
  depends_on  = [step.role_assignment.secrets]
}

check "connected" {
  assert {
    condition     = step.arc_machine.server.status == "Connected"
    error_message = "Azure calls ${step.metadata.machine.name} ${step.arc_machine.server.status}: see `azcmagent show`."
  }
}

output "server" { value = step.metadata.machine.name }
output "tags" { value = step.resource_tags.server.tags }
output "providers" { value = { for name, provider in step.provider_registration.needed : name => provider.state } }
