step "provider_registration" "it" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  namespace       = "Microsoft.HybridConnectivity"
}
