step "resource_group" "it" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  name            = "reports"
  location        = "westeurope"
}
