# The world of the benchmark: the Jumpstart lab, small enough that its resource list is one page, and with an
# existing container, so that every run makes the same ten requests.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "arc_pilot" {
  location = "westeurope"
}

machine "ArcBox-Ubuntu-01" {
  resource_group = "arc_pilot"
  tags           = { scenario = "Managed Identity" }
}

role_assignment {
  role = "Reader"
}

key_vault "arcmi00000000" {
  resource_group = "arc_pilot"

  access_policy {
    secrets = ["get"]
  }

  secret "scenario" {
    value = "Managed Identity"
  }
}

storage_account "arcmi00000000" {
  resource_group = "arc_pilot"

  container "uploads" {}

  role_assignment {
    role = "Storage Blob Data Contributor"
  }
}

resource "Microsoft.OperationalInsights/workspaces" "arc-pilot-logs" {
  resource_group = "arc_pilot"
}

resource "Microsoft.Network/networkSecurityGroups" "arc-pilot-nsg" {
  resource_group = "arc_pilot"
}
