step "http" "it" {
  url      = "LAB/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.OperationalInsights/workspaces/logs/regenerateSharedKey?api-version=2020-08-01"
  method   = "POST"
  audience = "LAB"
}
