runbook {
  description = "Keeps a report."
}

variable "container" {
  type    = string
  default = "reports"
}

variable "password" {
  type      = string
  sensitive = true
  default   = "correct-horse-battery"
}

variable "sites" {
  type    = set(string)
  default = ["a", "b"]
}

locals {
  prefix  = "site"
  account = step.arm_list.resources.extract.account
  names = {
    vault = step.arm_list.resources.extract.vault
    blob  = "${local.prefix}-report.json"
  }
}

step "metadata" "machine" {
  description = "Who the machine is."
}

step "arm_list" "resources" {
  scope = step.metadata.machine.resource_group_id
  extract = {
    vault   = "value[?type=='Microsoft.KeyVault/vaults'].name | [0]"
    account = "value[?type=='Microsoft.Storage/storageAccounts'].name | [0]"
  }
}

step "keyvault_secret" "token" {
  vault = local.names.vault
  name  = "token"

  retry {
    attempts = 3
    on       = [503]
  }
}

step "blob_upload" "report" {
  account   = local.account
  container = var.container
  name      = local.names.blob
  content   = jsonencode({ machine = step.metadata.machine.name, location = step.metadata.machine.location })
}

step "blob_upload" "site" {
  for_each  = var.sites
  account   = local.account
  container = var.container
  name      = "sites/${each.key}.txt"
  content   = "${each.value} of ${step.metadata.machine.name}"
}

step "file" "motd" {
  path    = "/etc/motd"
  content = "${file("banner.txt")}${step.metadata.machine.name}\n"
  mode    = "0644"
}

step "exec" "reload" {
  argv       = ["systemctl", "reload", "nginx"]
  depends_on = [step.file.motd, step.blob_upload.report]
}

step "exec" "login" {
  argv        = ["login", "--user", "site"]
  environment = { PASSWORD = var.password }
  when        = step.metadata.machine.location == "westeurope"
}

step "echo" "greeting" {
  input = templatefile("greeting.j2", { name = step.metadata.machine.name })
}

module "part" {
  source = "./part"
  text   = "from ${step.metadata.machine.name}"
}

check "located" {
  assert {
    condition     = step.metadata.machine.location != ""
    error_message = "The machine has no location."
  }
}

output "names" {
  value = [for tag, text in step.metadata.machine.tags : "${tag}=${text}" if text != null]
}

output "said" {
  value = module.part.said
}
