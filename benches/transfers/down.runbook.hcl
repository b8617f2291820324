# Receives the file of a benchmark.

variable "file" {}

variable "name" {}

step "blob_download" "file" {
  account   = "acc01"
  container = "files"
  name      = var.name
  path      = var.file
}
