step "arm_list" "it" {
  scope         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc"
  resource_type = "Microsoft.OperationalInsights/workspaces"
  extract       = { names = "value[].name" }
}

output "names" {
  value = step.arm_list.it.extract.names
}
