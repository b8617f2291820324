//! The rules about secrets for which no run follows a plan.

use super::{Case, case};

/// The rules about secrets for which no run follows a plan.
pub const REFUSED: [Case; 3] = [
    case(
        "secret-flow",
        r#"
variable "key" { ephemeral = true }
step "exec" "_x" { argv = ["login", var.key] }
"#,
        r#"
variable "key" { ephemeral = true }
step "exec" "_x" {
  argv        = ["login"]
  environment = { KEY = var.key }
}
"#,
        r#"
variable "key" { ephemeral = true }
step "http" "_x" {
  url              = "http://localhost/"
  headers          = { Authorization = var.key }
  allow_plain_http = true
}
"#,
    ),
    case(
        "sensitive-output",
        r#"
variable "key" { sensitive = true }
output "key" { value = var.key }
"#,
        r#"
variable "key" { sensitive = true }
output "key" {
  value     = var.key
  sensitive = true
}
"#,
        r#"
variable "key" { sensitive = true }
# Everybody may know how long it is.
output "length" { value = nonsensitive(length(var.key)) }
"#,
    ),
    case(
        "ephemeral-value",
        r#"
variable "key" { ephemeral = true }
output "key" { value = var.key }
"#,
        r#"
variable "key" { ephemeral = true }
step "exec" "_x" {
  argv  = ["login"]
  stdin = var.key
}
"#,
        r#"
variable "key" { ephemeral = true }
output "key" { value = ephemeralasnull(var.key) }
"#,
    ),
];
