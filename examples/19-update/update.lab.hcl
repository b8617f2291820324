# The Azure of this example: a workspace that somebody set up in another way.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "servers" {
  location = "westeurope"

  role_assignment { role = "Contributor" }
}

machine "web01" { resource_group = "servers" }

resource_type "Microsoft.OperationalInsights/workspaces" {}

resource "Microsoft.OperationalInsights/workspaces" "logs" {
  resource_group = "servers"
  location       = "westeurope"
  tags           = { owner = "somebody", cost-center = "42" }
  properties     = { retentionInDays = 30, publicNetworkAccessForIngestion = "Enabled" }
}
