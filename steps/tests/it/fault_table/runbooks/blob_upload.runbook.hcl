step "blob_upload" "it" {
  account   = "account01"
  container = "files"
  name      = "today.json"
  content   = jsonencode({ state = "healthy" })
}
