//! The rules about data, programs and the way of a run.

use super::{Case, case};

/// The rules about data, programs and the way of a run.
pub const OTHERS: [Case; 15] = [
    case(
        "public-access",
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc01"
  api_version = "2023-05-01"
  body        = { properties = { allowBlobPublicAccess = true } }
}
"#,
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc01"
  api_version = "2023-05-01"
  body        = { properties = { allowBlobPublicAccess = false } }
}
"#,
        // The network is open to those that the rules list.
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v01"
  api_version = "2023-07-01"
  body        = { properties = { publicNetworkAccess = "Enabled", networkAcls = { defaultAction = "Deny" } } }
}
"#,
    ),
    case(
        "old-tls",
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc01"
  api_version = "2023-05-01"
  body        = { properties = { minimumTlsVersion = "TLS1_0" } }
}
"#,
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/acc01"
  api_version = "2023-05-01"
  body        = { properties = { minimumTlsVersion = "TLS1_2", supportsHttpsTrafficOnly = true } }
}
"#,
        // Another type has another meaning of the name.
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/Microsoft.Cache/redis/r"
  api_version = "2023-08-01"
  body        = { properties = { supportsHttpsTrafficOnly = false } }
}
"#,
    ),
    case(
        "plain-http",
        r#"
step "http" "_x" {
  url              = "http://web.test/"
  allow_plain_http = true
}
"#,
        r#"step "http" "_x" { url = "https://web.test/" }"#,
        r#"step "http" "_x" { url = "http://127.0.0.1:8080/" }"#,
    ),
    case(
        "weak-tls",
        r#"
step "postgres_query" "_x" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  tls       = "require"
  statement = "select 1"
}
"#,
        r#"
step "postgres_query" "_x" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  statement = "select 1"
}
"#,
        // `sslmode` in a connection weakens nothing.
        r#"
step "postgres_query" "_x" {
  connection = "postgresql://me@db.test/site?sslmode=require"
  statement  = "select 1"
}
"#,
    ),
    case(
        "shell-injection",
        r#"
variable "name" {}
step "exec" "_x" { argv = ["/bin/sh", "-c", "echo ${var.name}"] }
"#,
        r#"
variable "name" {}
step "exec" "_x" { argv = ["echo", var.name] }
"#,
        r#"
variable "name" {}
step "exec" "_x" { argv = ["sh", "-c", "echo \"$1\"", "-", var.name] }
"#,
    ),
    case(
        "value-in-statement",
        r#"
variable "name" {}
step "postgres_query" "_x" {
  host      = "db.test"
  database  = "site"
  user      = "me"
  statement = "select * from users where name = '${var.name}'"
}
"#,
        r#"
variable "name" {}
step "postgres_query" "_x" {
  host       = "db.test"
  database   = "site"
  user       = "me"
  statement  = "select * from users where name = $1"
  parameters = [var.name]
}
"#,
        // The runbook itself writes the names.
        r#"
step "postgres_query" "_x" {
  for_each  = toset(["users", "groups"])
  host      = "db.test"
  database  = "site"
  user      = "me"
  statement = "select count(*) from ${each.value}"
}
"#,
    ),
    case(
        "shows-private-file",
        r#"
locals { hashes = split("\n", file("/etc/shadow")) }
output "x" { value = local.hashes }
"#,
        "output \"x\" { value = file(\"/etc/hostname\") }\n",
        "output \"x\" { value = sensitive(file(\"/etc/shadow\")) }\n",
    ),
    case(
        "text-direction",
        "# Administrators\u{202e} only.\noutput \"x\" { value = 1 }\n",
        "# Administrators only.\noutput \"x\" { value = 1 }\n",
        "output \"x\" { value = \"a\\u202eb\" }\n",
    ),
    case(
        "shell",
        r#"step "exec" "_x" { argv = ["bash", "-c", "true"] }"#,
        r#"step "exec" "_x" { argv = ["true"] }"#,
        r#"step "exec" "_x" { argv = ["wc", "-c", "file"] }"#,
    ),
    case(
        "download-without-digest",
        r#"
step "http" "_x" {
  url     = "https://example.com/agent.deb"
  save_to = "agent.deb"
}
"#,
        r#"
step "http" "_x" {
  url     = "https://example.com/agent.deb"
  save_to = "agent.deb"
  postcondition {
    condition     = filesha256(self.status == 200 ? "agent.deb" : "") == "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
    error_message = "The package is another one."
  }
}
"#,
        r#"
step "http" "_x" {
  url     = "http://localhost:8080/agent.deb"
  save_to = "agent.deb"
}
"#,
    ),
    case(
        "until-without-limit",
        r#"
step "arm_get" "_x" {
  path = "/subscriptions"
  until { condition = self.status == 200 }
}
"#,
        r#"
step "arm_get" "_x" {
  path = "/subscriptions"
  until {
    condition = self.status == 200
    timeout   = "10m"
  }
}
"#,
        r#"
step "arm_get" "_x" {
  path    = "/subscriptions"
  timeout = "10m"
  until { condition = self.status == 200 }
}
"#,
    ),
    case(
        "deletes-undeclared",
        r#"
step "arm_deployment" "_x" {
  name     = "n"
  scope    = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  template = { resources = [] }
  mode     = "complete"
}
"#,
        r#"
step "arm_deployment" "_x" {
  name     = "n"
  scope    = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g"
  template = { resources = [] }
}
"#,
        // A resource may call anything its mode.
        r#"
step "arm_resource" "_x" {
  id          = "/subscriptions/10000000-0000-4000-8000-000000000000/resourceGroups/g/providers/A.B/c/d"
  api_version = "2020-01-01"
  body        = { properties = { mode = "Complete" } }
}
"#,
    ),
    case(
        "unchecked-change",
        r#"step "exec" "_x" { argv = ["deploy"] }"#,
        r#"
step "exec" "_x" {
  argv    = ["deploy"]
  creates = "/srv/site"
}
"#,
        r#"
step "exec" "_x" {
  argv = ["deploy"]
  postcondition {
    condition     = self.stdout == "done"
    error_message = "It is not done."
  }
}
"#,
    ),
    case(
        "creation-without-cleanup",
        r#"
step "blob_container" "_x" {
  account = "acc01"
  name    = "tmp-${runbook.run_id}"
}
"#,
        r#"
step "blob_container" "_x" {
  account = "acc01"
  name    = "reports"
}
"#,
        r#"
runbook { on_failure = "undo" }
step "blob_container" "_x" {
  account = "acc01"
  name    = "tmp-${runbook.run_id}"
}
"#,
    ),
    case(
        "module-outside",
        r#"
module "_x" { source = "../outside" }
"#,
        r#"
module "_x" { source = "./inside" }
"#,
        // The path leads out and in again.
        r#"
module "_x" { source = "../place/inside" }
"#,
    ),
];
