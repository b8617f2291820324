step "arm_action" "it" {
  path        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.OperationalInsights/workspaces/logs/sharedKeys"
  api_version = "2020-08-01"
  effect      = "reads"
}

output "has_keys" {
  value = nonsensitive(step.arm_action.it.secret != null)
}
