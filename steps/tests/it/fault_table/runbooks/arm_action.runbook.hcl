step "arm_action" "it" {
  path        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.OperationalInsights/workspaces/logs/regenerateSharedKey"
  api_version = "2020-08-01"
}
