step "keyvault_certificate" "it" {
  vault = "vault01"
  name  = "web"
}

output "subject" {
  value = step.keyvault_certificate.it.subject
}
