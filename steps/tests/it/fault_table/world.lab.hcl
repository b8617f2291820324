# The world of the fault table: one object for each step type. Every secret contains the word "canary", so that a record
# is easily searched for it.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"
page_size    = 1

# The lab runs the scripts of run commands.
run_commands       = true
registration_polls = 1

resource_group "arc" { location = "westeurope" }

machine "server" {
  resource_group = "arc"
  os             = "linux"
}

role_assignment { role = "Owner" }

group "servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["server"]
}

user_assigned_identity "reader" {
  resource_group = "arc"
  principal_id   = "40000000-0000-4000-8000-000000000001"
}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  operation {
    kind  = "azure-async-operation"
    polls = 1
  }
}

resource_type "Microsoft.HybridCompute/machines/runCommands" {
  operation {
    kind  = "azure-async-operation"
    polls = 1
  }
}

resource "Microsoft.HybridCompute/machines/extensions" "server/monitor" {
  resource_group = "arc"
  properties     = { publisher = "Microsoft.Azure.Monitor", type = "AzureMonitorLinuxAgent" }
}

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }

resource_type "Microsoft.OperationalInsights/workspaces" {
  action "sharedKeys" {
    result = { primarySharedKey = "canary-shared-key" }
  }
  action "regenerateSharedKey" {}
}

resource "Microsoft.OperationalInsights/workspaces" "logs" {
  resource_group = "arc"
  properties     = { retentionInDays = 30 }
}

resource "Microsoft.OperationalInsights/workspaces" "more" { resource_group = "arc" }

resource_type "Microsoft.KeyVault/vaults" {}

key_vault "vault01" {
  resource_group = "arc"

  access_policy {
    secrets      = ["get", "list", "set", "delete", "recover", "purge"]
    certificates = ["get", "list"]
  }

  secret "first" { value = "canary-first-secret" }
  secret "second" { value = "canary-second-secret" }
  secret "retired" { value = "canary-retired-secret" }
  certificate "web" { subject = "www.example.net" }
}

storage_account "account01" {
  resource_group = "arc"
  role_assignment { role = "Storage Blob Data Owner" }

  container "files" {
    blob "installer.sh" { content = "echo installed" }
    blob "old.json" { content = "{}" }
  }
}
