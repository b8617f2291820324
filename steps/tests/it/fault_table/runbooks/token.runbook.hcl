step "token" "it" {
  resource = "https://management.azure.com/"
}

output "expires" {
  value = step.token.it.expires_on != null
}
