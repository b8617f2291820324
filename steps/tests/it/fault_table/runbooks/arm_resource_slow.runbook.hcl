step "arm_resource" "it" {
  id          = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.HybridCompute/machines/server/extensions/tools"
  api_version = "2024-07-10"

  body = {
    location = "westeurope"
    properties = {
      publisher = "Microsoft.Azure.Extensions"
      type      = "CustomScript"
    }
  }
}
