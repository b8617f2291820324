# JMESPath picks values from a response; the same queries work with `az --query`.
#
#   arcbook run -lab examples/04-query

step "metadata" "machine" {}

step "arm_list" "resources" {
  description = "All pages of what is in the machine's resource group."
  scope       = step.metadata.machine.resource_group_id

  extract = {
    types  = "value[].type"
    tagged = "value[?tags].{name: name, tags: tags}"
    vault  = "value[?type=='Microsoft.KeyVault/vaults'].name | [0]"
  }
}

output "types" {
  value = distinct(step.arm_list.resources.extract.types)
}

output "tagged" {
  value = step.arm_list.resources.extract.tagged
}
