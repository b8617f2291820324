# The Azure resources of the Jumpstart managed-identity lab, for the local Azure to serve.
#
# An operator creates them before anyone runs the runbook on the machine: the machine with its tags, a
# resource group, a vault with a secret, a storage account, and the roles of the machine's identity. Values
# are literals.

tenant_id         = "10000000-0000-4000-8000-000000000001"
subscription      = "00000000-0000-0000-0000-000000000000"
subscription_name = "Arc Jumpstart"

# Page size of lists; a client has to follow `nextLink` to see the whole resource group.
page_size = 3

resource_group "arc_pilot" {
  location = "westeurope"
  tags     = { datacentre = "Azure Citadel" }
}

# The Arc-enabled server whose agent the lab simulates. Grants that name no principal are for its identity.
machine "ArcBox-Ubuntu-01" {
  resource_group = "arc_pilot"
  os             = "linux"
  os_sku         = "Ubuntu 22.04.5 LTS"
  os_version     = "5.15.0-1074-azure"

  tags = {
    datacentre = "Azure Citadel"
    city       = "Reading"
    scenario   = "Managed Identity"
  }

  # The extensions of the machine, and nothing else, can be changed.
  role_assignment { role = "Azure Connected Machine Resource Administrator" }
}

resource_type "Microsoft.HybridCompute/machines/extensions" {
  write_only = ["properties.protectedSettings"]
}

# Reader on the subscription: `az role assignment create --role Reader --scope /subscriptions/…`
role_assignment {
  role = "Reader"
}

# The vault uses access policies: `az keyvault set-policy --secret-permissions get list`
key_vault "arcmi00000000" {
  resource_group = "arc_pilot"
  retention_days = 7

  access_policy {
    secrets = ["get", "list"]
  }

  secret "scenario" {
    value        = "Managed Identity"
    content_type = "text/plain"
  }
}

# The account has the same name as the vault, so a runbook has to select by type.
storage_account "arcmi00000000" {
  resource_group = "arc_pilot"

  role_assignment {
    role = "Storage Blob Data Contributor"
  }
}

# The other resources of the group, which a client has to skip.

resource "Microsoft.OperationalInsights/workspaces" "arc-pilot-logs" {
  resource_group = "arc_pilot"
  tags           = { owner = "operations" }
  properties     = { retentionInDays = 30 }
}

resource "Microsoft.Insights/dataCollectionRules" "arc-pilot-dcr" {
  resource_group = "arc_pilot"
  kind           = "Linux"
}

resource "Microsoft.HybridCompute/machines" "ArcBox-Win2K22" {
  resource_group = "arc_pilot"
  kind           = "HyperV"
  tags           = { datacentre = "Azure Citadel", scenario = "Onboarding" }
}

resource "Microsoft.HybridCompute/machines/extensions" "ArcBox-Ubuntu-01/AzureMonitorLinuxAgent" {
  resource_group = "arc_pilot"
  properties = {
    publisher         = "Microsoft.Azure.Monitor"
    type              = "AzureMonitorLinuxAgent"
    provisioningState = "Succeeded"
  }
}

resource "Microsoft.Network/networkSecurityGroups" "zz-pilot-nsg" {
  resource_group = "arc_pilot"
}

# A sandbox for the examples of `arcbook explain`: here the machine may change what it likes. The Jumpstart runbook sees
# nothing of it.

resource_group "sandbox" {
  location = "westeurope"

  role_assignment { role = "Owner" }
}

group "servers" {
  id     = "30000000-0000-4000-8000-000000000001"
  owners = ["ArcBox-Ubuntu-01"]
}

role "Provider Registration" { actions = ["*/register/action"] }

role_assignment { role = "Provider Registration" }

resource_type "Microsoft.HybridConnectivity/endpoints" { registered = false }

resource_type "Microsoft.HybridCompute/machines" {}

resource_type "Microsoft.OperationalInsights/workspaces" {
  action "sharedKeys" {
    result = {
      primarySharedKey   = "cHJpbWFyeSBrZXkgb2YgdGhlIGxhYg=="
      secondarySharedKey = "c2Vjb25kYXJ5IGtleSBvZiB0aGUgbGFi"
    }
  }
}

resource "Microsoft.OperationalInsights/workspaces" "sandbox-logs" {
  resource_group = "sandbox"
}

key_vault "sandbox00000000" {
  resource_group = "sandbox"

  access_policy {
    secrets = ["get", "list", "set", "delete", "recover", "purge"]
  }

  secret "retired" {
    value = "Nobody needs it"
  }

  certificate "web" {
    subject = "www.example.net"
  }
}
