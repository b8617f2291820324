# The Azure of this runbook, for the local Azure to serve: a machine whose identity may read the subscription.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Arc Jumpstart"

resource_group "arc_pilot" {
  location = "westeurope"
  tags     = { datacentre = "Azure Citadel" }
}

machine "ArcBox-Ubuntu-01" {
  resource_group = "arc_pilot"

  tags = {
    city     = "Reading"
    scenario = "Managed Identity"
  }
}

# `az role assignment create --role Reader --scope /subscriptions/…`
role_assignment {
  role = "Reader"
}
