# The files of a directory go to Blob storage, each as an instance of one step; another step brings one of them back.
#
#   arcbook run -lab examples/20-transfer      asks first, because the copy is a file of this machine

variable "account" {
  type    = string
  default = "arcmi00000000"
}

step "blob_container" "logs" {
  account = var.account
  name    = "logs"
}

step "blob_upload" "log" {
  for_each  = fileset("logs", "**/*.log")
  account   = var.account
  container = step.blob_container.logs.name
  name      = each.value
  source    = "logs/${each.value}"
}

step "blob_download" "copy" {
  account            = var.account
  container          = step.blob_container.logs.name
  name               = "web/access.log"
  path               = "copies/access.log"
  create_directories = true
  depends_on         = [step.blob_upload.log]
}

output "sizes" {
  value = { for name, log in step.blob_upload.log : name => log.size }
}

output "same" {
  value = step.blob_download.copy.md5 == step.blob_upload.log["web/access.log"].md5
}
