# The Azure of this example: a vault with the connection to a database of this machine.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "site" { location = "westeurope" }

machine "web01" {
  resource_group = "site"
}

key_vault "arcmi00000000" {
  resource_group = "site"

  access_policy {
    secrets = ["get"]
  }

  secret "psql-cmd" {
    value = "postgresql://visitor:visits@localhost:5432/site?sslmode=require"
  }
}
