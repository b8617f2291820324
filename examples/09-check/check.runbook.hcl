# A postcondition and an `assert` step stop a run that is not as it should be; a `check` at its end only warns.
#
#   arcbook run -lab examples/09-check
#   arcbook run -lab -var city=London examples/09-check      warns
#   arcbook run -lab -var os=windows examples/09-check       fails, and uploads nothing

variable "city" {
  type    = string
  default = "Reading"
}

variable "os" {
  type    = string
  default = "linux"
}

# A postcondition holds for the results of its step. If it is false, the steps that depend on this one do not run.
step "metadata" "machine" {
  postcondition {
    condition     = self.os == var.os
    error_message = "${self.name} runs ${self.os}, and this runbook is for ${var.os}."
  }
}

# An `assert` step brings facts of several steps together. It names all that are false, not only the first one.
step "assert" "ready" {
  condition = step.metadata.machine.location != ""
  message   = "The machine has no location."

  assertion {
    condition = contains(keys(step.metadata.machine.tags), "scenario")
    message   = "The machine has no tag `scenario`."
  }
}

step "blob_container" "ready" {
  account    = "arcmi00000000"
  name       = "ready"
  depends_on = [step.assert.ready]
}

check "city" {
  assert {
    condition     = lookup(step.metadata.machine.tags, "city", "no city") == var.city
    error_message = "The machine is in ${lookup(step.metadata.machine.tags, "city", "no city")}, not in ${var.city}."
  }
}

output "machine" { value = step.metadata.machine.name }
