# Cleanup that always runs: after a success, after a failure, and after Ctrl-C. A tag says that somebody works here, and
# the last step takes it away again, whatever happened in between.
#
#   arcbook run -lab examples/11-cleanup
#   arcbook run -lab -var secret=nothing examples/11-cleanup      the work fails, and the tag is removed all the same

variable "secret" {
  type    = string
  default = "retired"
}

step "metadata" "machine" {}

locals {
  sandbox = "/subscriptions/${step.metadata.machine.subscription_id}/resourceGroups/sandbox"
}

step "resource_tags" "begin" {
  id   = local.sandbox
  tags = { maintenance = step.metadata.machine.name }
}

# The work. Its failure is a failure of the run, with or without cleanup.
step "keyvault_secret" "work" {
  vault      = "sandbox00000000"
  name       = var.secret
  depends_on = [step.resource_tags.begin]
}

# Only after a failure.
step "echo" "alarm" {
  run_on     = "failure"
  input      = "Somebody has to look at ${step.metadata.machine.name}."
  depends_on = [step.keyvault_secret.work]
}

# Always.
step "resource_tags" "end" {
  run_on     = "always"
  id         = local.sandbox
  remove     = ["maintenance"]
  depends_on = [step.keyvault_secret.work]
}

output "tags" { value = step.resource_tags.end.tags }
output "alarm" { value = step.echo.alarm.output }
