# The Azure of this runbook, for the local Azure to serve: one server that is connected, and nothing set up yet.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "site" { location = "westeurope" }

# The server has the rights of the operator too. In Azure it has none of them.
machine "web01" {
  resource_group = "site"
  tags           = { scenario = "onboarding" }
}

role "Operator" {
  actions = [
    "*/read",
    "*/register/action",
    "Microsoft.Resources/tags/write",
    "Microsoft.Authorization/roleAssignments/write",
  ]
}

role_assignment { role = "Operator" }

resource_type "Microsoft.HybridCompute/machines" {}

resource_type "Microsoft.GuestConfiguration/guestConfigurationAssignments" { registered = false }

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }

# Roles decide about this vault, and nobody has one yet.
key_vault "site00000000" {
  resource_group = "site"
  rbac           = true

  secret "first" { value = "a secret of the lab" }
}
