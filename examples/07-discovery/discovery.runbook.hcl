# `for_each` over what is known only while running: one blob for each resource that the list finds. The plan shows one
# instance for all of them, and the run makes the real ones when it has the list.
#
#   arcbook run -lab examples/07-discovery

step "metadata" "machine" {}

step "arm_list" "resources" {
  scope   = step.metadata.machine.resource_group_id
  extract = { account = "value[?type=='Microsoft.Storage/storageAccounts'].name | [0]" }
}

step "blob_container" "inventory" {
  account = step.arm_list.resources.extract.account
  name    = "inventory"
}

step "blob_upload" "resource" {
  for_each  = { for resource in step.arm_list.resources.items : "${resource.type}/${resource.name}" => resource }
  account   = step.arm_list.resources.extract.account
  container = step.blob_container.inventory.name
  name      = "${each.key}.json"
  content   = jsonencode({ id = each.value.id, tags = try(each.value.tags, {}) })
}

# Each instance follows its own blob, and does not wait for the others.
step "echo" "line" {
  for_each = step.blob_upload.resource
  input    = "${each.value.size} bytes at ${each.value.url}"
}

output "inventory" {
  value = { for name, line in step.echo.line : name => line.output }
}
