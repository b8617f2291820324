# What the machine is given in Azure. The service principal acts.

# arcbook:allow needs-wide-rights a provider is registered for a whole subscription
step "provider_registration" "arc" {
  description     = "Registers the subscription for what Arc-enabled servers need."
  for_each        = toset(["Microsoft.GuestConfiguration", "Microsoft.HybridCompute", "Microsoft.HybridConnectivity"])
  subscription_id = var.subscription_id
  namespace       = each.value
  identity        = identity.client_secret.onboarding
  depends_on      = [step.assert.preflight]
}

step "arc_machine" "azure" {
  description = "Waits until Azure knows the machine and its identity."
  id          = step.arc_connect.machine.resource_id
  extensions  = false
  identity    = identity.client_secret.onboarding

  until {
    condition = self.status == "Connected" && self.principal_id != null
    timeout   = "10m"
  }
}

step "resource_tags" "machine" {
  description = "Keeps the tags of the machine, also those of one that was connected before."
  when        = length(var.tags) > 0
  id          = step.arc_machine.azure.id
  tags        = var.tags
  identity    = identity.client_secret.onboarding
}

# The step itself waits up to three minutes until Microsoft Graph knows the new identity.
step "entra_group_member" "readers" {
  description = "Puts the machine's own identity into the group that may read the secrets."
  group_id    = var.group_id
  member_id   = step.arc_machine.azure.principal_id
  identity    = identity.client_secret.onboarding
}

step "arc_extension" "key_vault" {
  description       = "Keeps the certificates of the vault on the machine."
  machine           = step.arc_machine.azure.id
  publisher         = "Microsoft.Azure.KeyVault"
  type              = "KeyVaultForLinux"
  version           = "3.0"
  automatic_upgrade = true

  settings = {
    secretsManagementSettings = {
      pollingIntervalInS = "3600"
      requireInitialSync = true
      observedCertificates = [for name in var.certificates : {
        url                      = "https://${var.vault}.${coalesce(var.vault_domain, "vault.azure.net")}/secrets/${name}"
        certificateStoreLocation = "/var/lib/waagent/Microsoft.Azure.KeyVault"
      }]
    }
    authenticationSettings = { msiEndpoint = "http://localhost:40342/metadata/identity" }
  }

  identity = identity.client_secret.onboarding

  # The extension fails to start as long as the machine may not read the vault.
  depends_on = [step.keyvault_secret.check]
}
