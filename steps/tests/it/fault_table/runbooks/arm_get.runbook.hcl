step "arm_get" "it" {
  path        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.OperationalInsights/workspaces/logs"
  api_version = "2023-09-01"
}

output "name" {
  value = step.arm_get.it.body.name
}
