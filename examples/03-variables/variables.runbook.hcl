# Variables have types, defaults and validation rules; arcbook rejects invalid values before any step runs.
#
#   arcbook run -lab examples/03-variables
#   arcbook run -lab -var 'ports=[80, 443, 70000]' examples/03-variables      rejected, with an explanation

variable "ports" {
  type        = list(number)
  default     = [80, 443]
  description = "The ports that are open."

  validation {
    condition     = alltrue([for port in var.ports : port > 0 && port < 65536])
    error_message = "A port is a number from 1 to 65535."
  }
}

variable "owner" {
  type = object({
    name = string
    mail = optional(string, "nobody@example.test")
  })
  default = { name = "Ada" }
}

# arcbook:allow secret-in-runbook,secret-not-ephemeral the example needs a value, and it opens nothing
variable "password" {
  type        = string
  default     = "not a good one"
  sensitive   = true
  description = "Never shown: not in a plan, not in a record."
}

locals {
  summary = "${var.owner.name} opens ${join(", ", var.ports)}"
}

output "summary" {
  value = local.summary
}

output "mail" {
  value = var.owner.mail
}

output "login" {
  value     = "${var.owner.name}:${var.password}"
  sensitive = true
}
