step "arm_resource" "it" {
  id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.OperationalInsights/workspaces/logs"
  api_version = "2023-09-01"

  body = {
    location   = "westeurope"
    properties = { retentionInDays = 60 }
  }
}
