step "blob_list" "it" {
  account   = "account01"
  container = "files"
  extract   = { names = "blobs[].name" }
}

output "names" {
  value = step.blob_list.it.extract.names
}
