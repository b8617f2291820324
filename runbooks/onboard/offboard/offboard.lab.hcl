# The Azure of this runbook: a machine as runbooks/onboard leaves it.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Edge"

resource_group "edge" { location = "westeurope" }

machine "web-01" {
  resource_group = "edge"
  tags           = { Site = "Dock 4", Owner = "operations" }
}

service_principal "onboarding" {
  client_id = "20000000-0000-4000-8000-000000000001"

  secret "current" { value = "a secret of the lab" }

  role_assignment {
    role  = "Azure Connected Machine Resource Administrator"
    scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge"
  }
}

group "edge-servers" {
  id      = "30000000-0000-4000-8000-000000000001"
  owners  = ["onboarding"]
  members = ["web-01"]
}

resource_type "Microsoft.HybridCompute/machines" {}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  operation {
    kind  = "azure-async-operation"
    polls = 2
  }
}

resource "Microsoft.HybridCompute/machines/extensions" "web-01/KeyVaultForLinux" {
  resource_group = "edge"

  properties = {
    publisher         = "Microsoft.Azure.KeyVault"
    type              = "KeyVaultForLinux"
    provisioningState = "Succeeded"
  }
}
