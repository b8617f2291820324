step "arm_delete" "it" {
  id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.HybridCompute/machines/server/extensions/monitor"
  api_version = "2024-07-10"
}
