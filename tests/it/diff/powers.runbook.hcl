variable "cid" { default = "44444444-1111-4111-8111-111111111111" }
identity "managed" "acting" { client_id = var.cid }
step "role_assignment" "role" {
  description = "a"
  scope        = "/subscriptions/11111111-1111-4111-8111-111111111111"
  role = "Reader"
  principal_id = "22222222-2222-4222-8222-222222222222"
}
step "keyvault_access_policy" "policy" {
  vault_id = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
  principal_id = "22222222-2222-4222-8222-222222222222"
  secrets = ["Get"]
}
step "entra_group_member" "member" {
  group_id  = "66666666-2222-4222-8222-222222222222"
  member_id = "22222222-2222-4222-8222-222222222222"
}
step "exec" "exec" {
  argv        = ["bash"]
  stdin = "echo a"
  environment = { LD_PRELOAD = "a" }
  timeout = "1m"
}
step "file" "sudoers" {
  path    = "/etc/sudoers.d/x"
  content = "a"
  owner = "root"
}
step "file" "notes" {
  path    = "notes.txt"
  content = "a"
  mode = "0644"
}
step "arc_run_command" "script" {
  machine = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  script = "id"
}
step "http" "get" {
  method = "GET"
  url      = "https://graph.microsoft.com/v1.0/me"
  audience = "https://graph.microsoft.com"
  headers  = { X-A = "a" }
  identity = identity.managed.acting
}
step "http" "post" {
  method = "POST"
  url    = "https://a.example.com/x"
  text = "a"
}
step "arm_resource" "resource" {
  id          = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/s"
  api_version = "2023-05-01"
  body        = { location = "west", properties = { allowBlobPublicAccess = false } }
}
step "arm_action" "action" {
  path        = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v/start"
  api_version = "2024-07-01"
  body = { a = 1 }
}
step "arm_deployment" "deployment" {
  name     = "d"
  scope    = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g"
  mode = "incremental"
  template = {
    contentVersion = "1.0.0.0"
    resources      = [{ type = "A.B/c", apiVersion = "2020-01-01", name = "x" }]
  }
}
step "arc_extension" "extension" {
  machine   = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  publisher = "Microsoft.Azure.Extensions"
  type      = "CustomScript"
  location  = "westeurope"
  settings  = { commandToExecute = "a" }
}
step "arc_connect" "arc" {
  subscription_id = "11111111-1111-4111-8111-111111111111"
  resource_group  = "g"
  location        = "westeurope"
  tenant_id = "77777777-1111-4111-8111-111111111111"
  gateway_id      = "/subscriptions/11111111-1111-4111-8111-111111111111/resourceGroups/g/providers/Microsoft.HybridCompute/gateways/a"
  cloud = "AzureCloud"
}
step "arc_disconnect" "left" {
  tenant_id         = "77777777-1111-4111-8111-111111111111"
  service_principal {
    client_id = "99999999-1111-4111-8111-111111111111"
    certificate = "/etc/arc/app.pem"
  }
}
step "postgres_query" "query" {
  host      = "db.test"
  database  = "d"
  user      = "u"
  tls = "verify-full"
  statement = "select set_role($1)"
  parameters = ["reader"]
}
step "echo" "echo" {
  input = 1
}
output "o" { value = step.echo.echo.output }
variable "token" {
  sensitive = true
  ephemeral = true
}
step "http" "own" {
  url     = "https://api.example.com/repos/a"
  headers = { Authorization = "Bearer ${var.token}" }
}
step "http" "public" {
  url = "https://www.example.com/index"
}
step "file" "credential" {
  path    = "app.conf"
  content = var.token
  mode    = "0640"
  group = "root"
}
step "postgres_query" "statement" {
  host        = "db.postgres.database.azure.com"
  database    = "a"
  user        = "u"
  entra_token = true
  statement   = "update a set x = 1"
  effect      = "changes"
  undo { statement = "update a set x = 0" }
}
output "shown" {
  value = 1
}
check "told" {
  assert {
    condition     = step.echo.echo.output != 2
    error_message = "no"
  }
}
locals { place = "/etc/shadow" }
