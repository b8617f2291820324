# The Azure of this runbook: a machine that may read the secrets of a vault, among which certificates are exported.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "web" {
  location = "westeurope"
}

machine "web01" {
  resource_group = "web"
}

key_vault "arcweb00000000" {
  resource_group = "web"
  rbac           = true

  role_assignment { role = "Key Vault Secrets User" }

  certificate "web" {
    subject = "www.example.net"
  }
}
