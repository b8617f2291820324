# The Azure of this example: a machine that may read one secret, and an application with more rights than the machine.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "servers" { location = "westeurope" }

machine "web01" {
  resource_group = "servers"

  role_assignment { role = "Reader" }
}

service_principal "operator" {
  client_id = "20000000-0000-4000-8000-000000000002"

  secret "current" { value = "a secret of the example" }

  role_assignment { role = "Reader" }
  role_assignment { role = "Storage Blob Data Contributor" }
}

key_vault "operations" {
  resource_group = "servers"

  access_policy { secrets = ["get"] }

  secret "operator" { value = "a secret of the example" }
}

storage_account "inventory" { resource_group = "servers" }
