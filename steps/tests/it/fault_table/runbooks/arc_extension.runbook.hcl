step "arc_extension" "it" {
  machine            = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.HybridCompute/machines/server"
  name               = "tools"
  publisher          = "Microsoft.Azure.Extensions"
  type               = "CustomScript"
  version            = "2.1"
  protected_settings = { commandToExecute = "echo canary-command" }
}
