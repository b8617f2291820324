# One secret from a key vault, read by this machine as itself. No plan, output or record shows the value.
#
#   arcbook plan        shows what a run would do; sends nothing
#   arcbook run -lab    runs against a local Azure inside arcbook
#   arcbook run         runs against Azure, on an Arc-enabled server
#
# For Azure, write the names of your vault and your secret. The plan says which role the machine needs there.

step "keyvault_secret" "scenario" {
  vault = "arcmi00000000"
  name  = "scenario"
}

output "version" { value = step.keyvault_secret.scenario.version }
output "secret" {
  value     = step.keyvault_secret.scenario.value
  sensitive = true
}
