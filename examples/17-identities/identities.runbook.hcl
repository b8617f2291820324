# Two identities: the machine reads the secret of an application, which then acts.
#
#   arcbook run -lab examples/17-identities
#
# The machine itself may not write to the storage account. The plan shows who acts in each step, the roles that each identity
# needs, and that the secret goes to Microsoft Entra alone.

step "metadata" "machine" {}

step "keyvault_secret" "operator" {
  vault = "operations"
  name  = "operator"
}

# arcbook:allow long-lived-client-secret the example shows how one identity reads the secret of another from a vault
identity "client_secret" "operator" {
  description = "The application that keeps the inventory."
  tenant      = "10000000-0000-4000-8000-000000000001"
  client_id   = "20000000-0000-4000-8000-000000000002"
  secret      = step.keyvault_secret.operator.value
}

step "blob_container" "machines" {
  account  = "inventory"
  name     = "machines"
  identity = identity.client_secret.operator
}

step "blob_upload" "entry" {
  account   = "inventory"
  container = step.blob_container.machines.name
  name      = "${step.metadata.machine.name}.json"
  content   = jsonencode({ name = step.metadata.machine.name, location = step.metadata.machine.location })
  identity  = identity.client_secret.operator
}

output "url" { value = step.blob_upload.entry.url }
