step "blob_container" "it" {
  account = "account01"
  name    = "reports"
}
