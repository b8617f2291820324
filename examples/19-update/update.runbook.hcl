# An update with its diff: a step compares the properties that it declares with those in Azure, and changes what differs.
#
#   arcbook plan -live -lab examples/19-update      shows each difference, and changes nothing
#   arcbook run -lab examples/19-update
#
# `update = "patch"` sends the declared part alone, so the network access and the tag `cost-center` stay. Without it, the
# whole resource is replaced, as a `PUT` does it.

step "metadata" "machine" {}

step "arm_resource" "logs" {
  id          = "${step.metadata.machine.resource_group_id}/providers/Microsoft.OperationalInsights/workspaces/logs"
  api_version = "2022-10-01"
  update      = "patch"

  body = {
    location   = step.metadata.machine.location
    tags       = { owner = "operations" }
    properties = { retentionInDays = 90 }
  }
}

output "retention" { value = step.arm_resource.logs.body.properties.retentionInDays }
output "tags" { value = step.arm_resource.logs.body.tags }
