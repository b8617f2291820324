step "arm_deployment" "it" {
  name  = "logs"
  scope = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc"

  template = {
    resources = [{
      type       = "Microsoft.OperationalInsights/workspaces"
      apiVersion = "2023-09-01"
      name       = "deployed"
      location   = "[resourceGroup().location]"
    }]
  }
}
