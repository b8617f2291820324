# One secret in ten lines: the machine reads it as itself, without a stored credential. No output shows the value.
#
#   arcbook run -lab examples/02-secret

step "keyvault_secret" "scenario" {
  vault = "arcmi00000000"
  name  = "scenario"
}

output "version" { value = step.keyvault_secret.scenario.version }
output "secret" {
  value     = step.keyvault_secret.scenario.value
  sensitive = true
}
