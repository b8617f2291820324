step "blob_delete" "it" {
  account   = "account01"
  container = "files"
  name      = "old.json"
}
