//! The rules about secrets.

use super::{Case, case};

/// The rules about secrets.
pub const SECRETS: [Case; 12] = [
    case(
        "secret-in-object",
        r#"
variable "key" { ephemeral = true }
step "blob_upload" "_x" {
  account   = "acc01"
  container = "files"
  name      = "b"
  content   = "public"
  metadata  = { key = var.key }
}
"#,
        r#"
variable "key" { ephemeral = true }
step "keyvault_secret_set" "_x" {
  vault      = "v01"
  name       = "s"
  value      = var.key
  expires_on = "2030-01-01T00:00:00Z"
}
"#,
        // The version of a secret is none.
        r#"
step "keyvault_secret" "s" {
  vault = "v01"
  name  = "s"
}
step "blob_upload" "_x" {
  account   = "acc01"
  container = "files"
  name      = "b"
  content   = step.keyvault_secret.s.version
}
"#,
    ),
    case(
        "secret-in-setting",
        r#"
variable "_p" { sensitive = true }
step "arc_run_command" "_x" {
  machine    = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  script     = "true"
  parameters = { password = var._p }
}
"#,
        r#"
variable "_p" { sensitive = true }
step "arc_run_command" "_x" {
  machine              = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  script               = "true"
  protected_parameters = { password = var._p }
}
"#,
        r#"
variable "_p" {}
step "arc_run_command" "_x" {
  machine    = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m"
  script     = "true"
  parameters = { password = var._p }
}
"#,
    ),
    case(
        "secret-in-url",
        r#"
variable "key" { ephemeral = true }
step "http" "_x" { url = "https://localhost/?key=${var.key}" }
"#,
        r#"
variable "key" { ephemeral = true }
step "http" "_x" {
  url     = "https://localhost/"
  headers = { Authorization = var.key }
}
"#,
        // What is known to be public may be there.
        r#"
variable "key" { ephemeral = true }
step "http" "_x" { url = "https://localhost/?page=1" }
output "_key" { value = ephemeralasnull(var.key) }
"#,
    ),
    case(
        "secret-in-statement",
        r#"
variable "pw" { ephemeral = true }
step "postgres_query" "_x" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  statement = "alter role me password '${var.pw}'"
}
"#,
        r#"
variable "pw" { ephemeral = true }
step "postgres_query" "_x" {
  host       = "db.test"
  database   = "site"
  user       = "me"
  statement  = "select set_secret($1)"
  parameters = [var.pw]
}
"#,
        r#"
variable "pw" { ephemeral = true }
step "postgres_query" "_x" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  password  = var.pw
  statement = "select 'var.pw'"
}
"#,
    ),
    case(
        "secret-leaves-cloud",
        r#"
variable "key" { ephemeral = true }
step "http" "_x" {
  url     = "https://api.example.com/"
  headers = { Authorization = var.key }
}
"#,
        r#"
variable "key" { ephemeral = true }
step "http" "_x" {
  url     = "http://localhost:8080/"
  headers = { Authorization = var.key }
}
"#,
        r#"
variable "key" { ephemeral = true }
step "http" "_x" {
  url     = "https://acc01.blob.core.windows.net/c/b"
  headers = { X-Key = var.key }
}
"#,
    ),
    case(
        "secret-readable-file",
        r#"
variable "key" { ephemeral = true }
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
  mode    = "0644"
}
"#,
        r#"
variable "key" { ephemeral = true }
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
  mode    = "0600"
}
"#,
        // The group may read it, others may not.
        r#"
variable "key" { ephemeral = true }
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
  mode    = "0640"
}
"#,
    ),
    case(
        "secret-in-runbook",
        r#"
variable "key" {
  ephemeral = true
  default   = "hunter2"
}
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
}
"#,
        r#"
variable "key" { ephemeral = true }
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
}
"#,
        r#"
variable "key" {
  ephemeral = true
  default   = ""
}
step "file" "_x" {
  path    = "/tmp/key"
  content = var.key
}
"#,
    ),
    case(
        "secret-not-ephemeral",
        r#"variable "_key" { sensitive = true }"#,
        r#"
variable "_key" {
  sensitive = true
  ephemeral = true
}
"#,
        r#"variable "_key" {}"#,
    ),
    case(
        "nonsensitive-unexplained",
        r#"
step "keyvault_secret" "s" {
  vault = "v01"
  name  = "s"
}
output "length" { value = nonsensitive(length(step.keyvault_secret.s.value)) }
"#,
        r#"
step "keyvault_secret" "s" {
  vault = "v01"
  name  = "s"
}
# Its length says nothing about it: it has 64 random characters.
output "length" { value = nonsensitive(length(step.keyvault_secret.s.value)) }
"#,
        r#"
output "text" { value = "nonsensitive(x) # in a text" }
"#,
    ),
    case(
        "long-lived-client-secret",
        r#"
variable "secret" { ephemeral = true }
identity "client_secret" "app" {
  tenant    = "10000000-0000-4000-8000-000000000000"
  client_id = "20000000-0000-4000-8000-000000000000"
  secret    = var.secret
}
step "arm_get" "_x" {
  path     = "/subscriptions"
  identity = identity.client_secret.app
}
"#,
        r#"
identity "managed" "app" {}
step "arm_get" "_x" {
  path     = "/subscriptions"
  identity = identity.managed.app
}
"#,
        r#"
identity "workload" "app" {
  tenant     = "10000000-0000-4000-8000-000000000000"
  client_id  = "20000000-0000-4000-8000-000000000000"
  token_file = "/run/token"
}
step "arm_get" "_x" {
  path     = "/subscriptions"
  identity = identity.workload.app
}
"#,
    ),
    case(
        "secret-without-expiry",
        r#"
step "random" "r" {}
step "keyvault_secret_set" "_x" {
  vault = "v01"
  name  = "s"
  value = step.random.r.value
}
"#,
        r#"
step "random" "r" {}
step "keyvault_secret_set" "_x" {
  vault      = "v01"
  name       = "s"
  value      = step.random.r.value
  expires_on = "2030-01-01T00:00:00Z"
}
"#,
        // The time is known later.
        r#"
step "random" "r" {}
step "keyvault_secret_set" "_x" {
  vault      = "v01"
  name       = "s"
  value      = step.random.r.value
  expires_on = timeadd(plantimestamp(), "720h")
}
"#,
    ),
    case(
        "sends-private-file",
        r#"
step "blob_upload" "_x" {
  account   = "acc01"
  container = "files"
  name      = "shadow"
  source    = "/etc/shadow"
}
"#,
        r#"
step "blob_upload" "_x" {
  account   = "acc01"
  container = "files"
  name      = "hosts"
  source    = "/etc/hosts"
}
"#,
        r#"
step "blob_upload" "_x" {
  account   = "acc01"
  container = "files"
  name      = "key"
  source    = "/home/me/id_ed25519.pub"
}
"#,
    ),
];
