step "blob_upload" "it" {
  account   = "account01"
  container = "files"
  name      = "old.json"
  content   = jsonencode({ state = "healthy" })
}
