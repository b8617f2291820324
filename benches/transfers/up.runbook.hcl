# Sends the file of a benchmark.

variable "file" {}

variable "name" {}

step "blob_upload" "file" {
  account   = "acc01"
  container = "files"
  name      = var.name
  source    = var.file
}
