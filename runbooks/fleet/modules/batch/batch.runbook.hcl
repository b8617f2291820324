# One batch of a fleet: runs the script on its servers, and reports how each ended.

variable "servers" {
  type        = map(object({ id = string, name = string, location = string }))
  description = "The servers of the batch."
}

variable "task" {
  type = object({
    name        = string
    minutes     = number
    concurrency = number
    parameters  = map(string)
  })
  description = "The script's parameters, and the limits."
}

variable "max_failures" {
  type        = number
  description = "The number of servers that may fail."
}

step "arc_run_command" "server" {
  description  = "Runs the runbook on a server that does not have the release."
  for_each     = var.servers
  name         = var.task.name
  machine      = each.value.id
  location     = each.value.location
  script       = file("${path.module}/server.sh")
  parameters   = merge(var.task.parameters, { server = each.value.name, minutes = tostring(var.task.minutes) })
  concurrency  = var.task.concurrency
  max_failures = var.max_failures

  # Beside the minutes of the run, five to wait for another run of the runbook, and two for the run to end.
  timeout_seconds = 60 * (var.task.minutes + 7)

  postcondition {
    condition     = try(jsondecode(reverse(split("\n", trimspace(self.stdout)))[0]).summary.status == "done", false)
    error_message = "The script ended without an error, but not with the summary of a run that is done. See what `arcbook` is on the server."
  }
}

locals {
  # The last line is the summary of the run: {"summary": {"status": "done", …}}
  last = {
    for name, run in step.arc_run_command.server :
    name => reverse(split("\n", trimspace(coalesce(run.stdout, " "))))[0] if run.exit_code != null
  }
}

output "done" {
  value = {
    for name, line in local.last :
    name => try("done, ${jsondecode(line).summary.steps.changed} changed", "done")
  }
  description = "The servers that have the release."
}

output "failed" {
  value       = [for name, run in step.arc_run_command.server : name if run.exit_code == null]
  description = "The servers that failed."
}
