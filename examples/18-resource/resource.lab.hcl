# The Azure of this example: one machine that may manage its own extensions, which take a few polls to change.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "servers" { location = "westeurope" }

machine "web01" {
  resource_group = "servers"

  role_assignment { role = "Contributor" }
}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  write_only = ["properties.protectedSettings"]

  operation {
    kind  = "azure-async-operation"
    polls = 3
  }
}

resource "Microsoft.HybridCompute/machines/extensions" "web01/old" {
  resource_group = "servers"
  location       = "westeurope"
  properties     = { publisher = "Microsoft.Azure.Monitor", type = "AzureMonitorLinuxAgent" }
}
