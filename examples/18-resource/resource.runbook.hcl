# A resource of Azure that is wanted, and one that is not: the step compares what is declared, and waits for Azure.
#
#   arcbook run -lab examples/18-resource
#
# The first run creates the extension and waits for the operation that Azure starts; a second one against the same Azure
# finds everything as wanted. `arcbook undo` deletes what a run created and puts back what it updated.

step "metadata" "machine" {}

# arcbook:allow needs-wide-rights no smaller built-in role keeps an extension; `permissions -custom-role` makes one
step "arm_resource" "extension" {
  id          = "${step.metadata.machine.resource_id}/extensions/inventory"
  api_version = "2024-07-10"

  body = {
    location = step.metadata.machine.location
    properties = {
      publisher          = "Microsoft.Azure.Extensions"
      type               = "CustomScript"
      typeHandlerVersion = "2.1"
      settings           = { commandToExecute = "uptime" }
    }
  }
}

# A resource that is not wanted.
# arcbook:allow needs-wide-rights no smaller built-in role keeps an extension; `permissions -custom-role` makes one
step "arm_resource" "old" {
  id          = "${step.metadata.machine.resource_id}/extensions/old"
  api_version = "2024-07-10"
  absent      = true
  depends_on  = [step.arm_resource.extension]
}

output "id" { value = step.arm_resource.extension.id }
