# The Azure of this runbook: a machine that is not connected yet, a service principal that onboards, and a vault whose
# secrets a group may read.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Edge"

resource_group "edge" { location = "westeurope" }

# The agent is installed here, and not connected. Its identity exists once `azcmagent connect` made the resource.
machine "web-01" { connected = false }

service_principal "onboarding" {
  client_id = "20000000-0000-4000-8000-000000000001"

  secret "current" { value = "a secret of the lab" }

  role_assignment { role = "Provider Registration" }

  role_assignment {
    role  = "Azure Connected Machine Onboarding"
    scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge"
  }

  role_assignment {
    role  = "Azure Connected Machine Resource Administrator"
    scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge"
  }

  role_assignment {
    role  = "Tag Contributor"
    scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge"
  }
}

role "Provider Registration" {
  actions = ["Microsoft.Resources/subscriptions/providers/read", "*/register/action"]
}

group "edge-servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["onboarding"]
}

key_vault "edge-secrets" {
  resource_group = "edge"
  rbac           = true

  secret "site" { value = "what the machine may know" }

  role_assignment {
    role      = "Key Vault Secrets User"
    principal = "edge-servers"
  }
}

resource_type "Microsoft.HybridCompute/machines" { registered = false }

resource_type "Microsoft.HybridCompute/machines/extensions" {
  registered = false
  write_only = ["properties.protectedSettings"]

  operation {
    kind  = "azure-async-operation"
    polls = 2
  }
}

resource_type "Microsoft.GuestConfiguration/guestConfigurationAssignments" { registered = false }

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }
