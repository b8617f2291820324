# One release on every Arc-enabled server that matches, through Azure: a few servers first, then more and more.
#
# Resource Graph lists the servers. On each, a run command starts `arcbook run` with a runbook that lies there already. When
# more servers fail than allowed, no further one is started.
#
#   arcbook run -lab runbooks/fleet                       on any computer, against a local Azure
#   arcbook run -var release=2026-11 runbooks/fleet       on an Arc-enabled server, against Azure

runbook {
  description = "Runs a runbook on all servers that match: canaries first, then in batches."
  requires    = ">= 0.1"
}

variable "release" {
  type        = string
  default     = "1"
  description = "The release that is rolled out. A server that has it is left alone."

  validation {
    condition     = trimspace(var.release) != ""
    error_message = "A release has a name, such as 2026-11: servers with another one get it."
  }
}

variable "servers" {
  type        = string
  default     = "tags['fleet'] == 'web'"
  description = "The servers: a condition in the Kusto query language."

  validation {
    condition     = trimspace(var.servers) != ""
    error_message = "The servers are a condition, such as tags['fleet'] == 'web'; `true` is every Linux server."
  }
}

variable "runbook" {
  type        = string
  default     = "/etc/arcbook/site"
  description = "The runbook that each server runs, in its own file system."

  validation {
    condition     = trimspace(var.runbook) != ""
    error_message = "A path in the file system of the servers is needed."
  }
}

variable "canaries" {
  type        = number
  default     = 2
  description = "The number of servers that go first. If one of them fails, no other is started."

  validation {
    condition     = var.canaries >= 0 && floor(var.canaries) == var.canaries
    error_message = "The number of canaries is a whole number, 0 for none."
  }
}

variable "max_failures" {
  type        = number
  default     = 3
  description = "The number of servers that may fail after the canaries."

  validation {
    condition     = var.max_failures >= 0 && floor(var.max_failures) == var.max_failures
    error_message = "The number of servers that may fail is a whole number, 0 for none."
  }
}

variable "concurrency" {
  type        = number
  default     = 50
  description = "The maximum number of servers that work at once."

  validation {
    condition     = var.concurrency >= 1 && floor(var.concurrency) == var.concurrency
    error_message = "The number of servers that work at once is a whole number from 1."
  }
}

variable "minutes" {
  type        = number
  default     = 30
  description = "The time that a server has for its runbook. With another one, all servers are sent the script again."

  validation {
    condition     = contains(range(1, 1401), var.minutes)
    error_message = "The time is a whole number of minutes from 1 to 1400: Azure ends a script after a day."
  }
}

variable "name" {
  type        = string
  default     = "fleet"
  description = "The name of the run command that stays on each server: one for each fleet."

  validation {
    condition     = can(regex("^[0-9A-Za-z_.-]{0,35}[0-9A-Za-z_-]$", var.name))
    error_message = "The name has at most 36 letters, digits, hyphens, underscores and points, and no point last."
  }
}

variable "arcbook" {
  type        = string
  default     = "/usr/local/bin/arcbook"
  description = "The program on the servers."

  validation {
    condition     = trimspace(var.arcbook) != ""
    error_message = "A path in the file system of the servers is needed."
  }
}

variable "journal" {
  type        = string
  default     = "/var/lib/arcbook/runs"
  description = "The directory of the records on the servers."

  validation {
    condition     = trimspace(var.journal) != ""
    error_message = "A path in the file system of the servers is needed."
  }
}

step "resource_graph" "servers" {
  description = "Lists the servers that match."
  query       = <<-EOT
    resources
    | where type =~ 'Microsoft.HybridCompute/machines' and properties.osType =~ 'linux'
    | where ${var.servers}
    | project id, name, resourceGroup, subscriptionId, location, status = tostring(properties.status)
    | order by id asc
  EOT

  postcondition {
    condition     = length(self.rows) > 0
    error_message = "No server matches: see the variable `servers`."
  }

  postcondition {
    condition     = length(self.rows) == 0 || contains(self.rows[*].status, "Connected")
    error_message = "No server gets the release, because none of the ${length(self.rows)} that match is connected: see `azcmagent show` on them, and run again."
  }
}

locals {
  # Servers of several subscriptions may have the same group and name.
  subscriptions = distinct(step.resource_graph.servers.rows[*].subscriptionId)

  servers = {
    for row in step.resource_graph.servers.rows :
    join("/", concat(
      length(local.subscriptions) > 1 ? [row.subscriptionId] : [],
      [row.resourceGroup, row.name],
    )) => row
  }

  # A server that is not connected would never start its script.
  connected = { for name, server in local.servers : name => server if server.status == "Connected" }
  left_out  = { for name, server in local.servers : name => server.status if server.status != "Connected" }

  # In the order of their names: the canaries, a tenth of the others, half of them, the rest.
  names    = keys(local.connected)
  canaries = slice(local.names, 0, min(var.canaries, length(local.names)))
  others   = slice(local.names, length(local.canaries), length(local.names))
  tenth    = ceil(length(local.others) / 10)
  half     = ceil(length(local.others) / 2)
  first    = slice(local.others, 0, local.tenth)
  second   = slice(local.others, local.tenth, local.half)
  third    = slice(local.others, local.half, length(local.others))

  task = {
    name        = var.name
    minutes     = var.minutes
    concurrency = var.concurrency
    parameters = {
      release = var.release
      runbook = var.runbook
      arcbook = var.arcbook
      journal = var.journal
    }
  }
}

module "canaries" {
  source       = "./modules/batch"
  servers      = { for name in local.canaries : name => local.connected[name] }
  task         = local.task
  max_failures = 0
}

module "first" {
  source       = "./modules/batch"
  servers      = { for name in local.first : name => local.connected[name] }
  task         = local.task
  max_failures = var.max_failures
  depends_on   = [module.canaries]
}

module "second" {
  source       = "./modules/batch"
  servers      = { for name in local.second : name => local.connected[name] }
  task         = local.task
  max_failures = var.max_failures - length(module.first.failed)
}

module "third" {
  source       = "./modules/batch"
  servers      = { for name in local.third : name => local.connected[name] }
  task         = local.task
  max_failures = var.max_failures - length(concat(module.first.failed, module.second.failed))
}

# The step of a failed script has no results. Azure keeps the end of its output as long as the run command stays.
step "arm_get" "failed" {
  description = "Reads what the scripts that failed have printed."
  for_each    = toset(concat(module.first.failed, module.second.failed, module.third.failed))
  path        = "${local.connected[each.key].id}/runCommands/${var.name}"
  api_version = "2024-07-10"
  extract     = { said = "properties.instanceView.output" }
  on_error    = "continue"
}

locals {
  done = merge(module.canaries.done, module.first.done, module.second.done, module.third.done)
  last = {
    for name, run in step.arm_get.failed :
    name => reverse(split("\n", trimspace(coalesce(run.extract.said, " "))))[0]
  }
  failed = {
    for name, line in local.last :
    name => try(jsondecode(line).summary.failure.message, "see the warning about it")
  }
}

check "every_server_has_the_release" {
  assert {
    condition     = length(local.failed) == 0
    error_message = "Failed: ${length(local.failed)} of ${length(local.servers)} servers, see the output `failed`."
  }
  assert {
    condition     = length(local.left_out) == 0
    error_message = "Not connected, and left out: ${length(local.left_out)} of ${length(local.servers)} servers, see the output `left_out`."
  }
}

output "servers" {
  value = merge(
    local.done,
    { for name, why in local.failed : name => "failed: ${why}" },
    { for name, status in local.left_out : name => "left out: ${status}" },
  )
  description = "Each server with its status."
}

output "left_out" {
  value       = local.left_out
  description = "The servers that are not connected, with their status in Azure."
}

output "failed" {
  value       = local.failed
  description = "The servers that failed, with the reasons."
}

output "counts" {
  value = {
    done     = length(local.done)
    failed   = length(local.failed)
    left_out = length(local.left_out)
  }
  description = "The numbers of servers."
}
