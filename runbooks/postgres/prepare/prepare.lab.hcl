# The Azure of this runbook before anybody ran it: one machine, an empty group, and the application of the operator.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Arc Jumpstart"

resource_group "arc_pilot" {
  location = "westeurope"
}

machine "ArcBox-Ubuntu-01" {
  resource_group = "arc_pilot"
  tags           = { datacentre = "Azure Citadel" }
}

service_principal "operator" {
  client_id = "20000000-0000-4000-8000-000000000001"

  secret "current" { value = "the operator of the lab" }

  role_assignment { role = "Owner" }
}

group "database-clients" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["operator"]
}

resource_type "Microsoft.KeyVault/vaults" {}

# The vault that the runbook creates.
key_vault "arcpg00000000" {
  resource_group = "arc_pilot"
  rbac           = true
  retention_days = 7
  exists         = false
}
