step "arc_run_command" "it" {
  machine              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc/providers/Microsoft.HybridCompute/machines/server"
  script               = "exit 0"
  protected_parameters = { password = "canary-parameter" }
}
