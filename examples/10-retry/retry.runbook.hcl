# `retry` repeats a step that failed, and `until` repeats one that succeeded until its result is the one to wait for.
#
#   arcbook run -lab examples/10-retry

step "metadata" "machine" {}

# The first two answers are errors. Without `retry`, a request is repeated a few times anyway; here it is as you say.
step "arm_list" "resources" {
  scope = step.metadata.machine.resource_group_id

  retry {
    attempts = 5
    delay    = "50ms"
    factor   = 2
    on       = [503, "transport"]
  }
}

locals {
  provider = "/subscriptions/${step.metadata.machine.subscription_id}/providers/Microsoft.HybridConnectivity"
}

# arcbook:allow needs-wide-rights no smaller built-in role registers a provider and reads it
step "arm_get" "before" {
  path        = local.provider
  api_version = "2021-04-01"
}

# The action only starts the registration. (The step type `provider_registration` does all three steps at once.)
# arcbook:allow needs-wide-rights a provider is registered for a whole subscription
step "arm_action" "register" {
  when        = step.arm_get.before.body.registrationState != "Registered"
  path        = "${local.provider}/register"
  api_version = "2021-04-01"
  idempotent  = true
}

step "arm_get" "registered" {
  path        = local.provider
  api_version = "2021-04-01"
  depends_on  = [step.arm_action.register]

  until {
    condition = self.body.registrationState == "Registered"
    delay     = "50ms"
    timeout   = "10m"
  }
}

output "resources" { value = length(step.arm_list.resources.items) }
output "state" { value = step.arm_get.registered.body.registrationState }
