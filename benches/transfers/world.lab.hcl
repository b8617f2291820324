# The Azure of benches/transfer: an account with a container.

tenant_id    = "10000000-0000-4000-8000-000000000001"
subscription = "00000000-0000-0000-0000-000000000000"

resource_group "rg" { location = "westeurope" }

machine "vm-1" { resource_group = "rg" }

storage_account "acc01" {
  resource_group = "rg"

  role_assignment { role = "Storage Blob Data Contributor" }

  container "files" {}
}
