step "blob_download" "it" {
  account   = "account01"
  container = "files"
  name      = "installer.sh"
  path      = "installer.sh"
}
