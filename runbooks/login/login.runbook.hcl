# The machine's identity for another program: curl asks Azure Resource Manager, with a token from its environment.
#
# Steps that call Azure request their tokens themselves. This runbook is for a program that needs one: it takes a token as
# a value and passes it in an environment variable, so that no command line, output or record has it.
#
#   arcbook run -lab runbooks/login     on any computer, against a local Azure
#   arcbook run runbooks/login          on an Arc-enabled server, against Azure

runbook {
  description = "The machine's identity for another program: curl lists the tag names of the subscription."
  requires    = ">= 0.1"
}

variable "resource" {
  type        = string
  default     = "https://management.azure.com"
  description = "The audience of the token: the resource manager of the cloud."
}

locals {
  subscription = "${step.token.arm.endpoint}/subscriptions/${step.metadata.machine.subscription_id}"
}

step "metadata" "machine" {
  description = "Asks the agent on this machine which subscription the machine is in."
}

step "token" "arm" {
  description = "Takes a token of the machine's identity as a value."
  resource    = var.resource

  postcondition {
    condition     = self.endpoint != null
    error_message = "The cloud has no resource manager for tokens of this audience: set `resource` to that of the cloud."
  }
}

step "exec" "tag_names" {
  description = "Lists the names of all tags in the subscription, with curl."
  argv        = ["./get.sh", "${local.subscription}/tagNames?api-version=2021-04-01"]
  environment = { AZURE_ACCESS_TOKEN = step.token.arm.access_token }
  effect      = "reads"
  timeout     = "1m"
  extract     = { names = "value[].tagName" }
}

output "acts_as" {
  # An object id is a name, no proof.
  value       = nonsensitive(step.token.arm.claims.oid)
  description = "The object id of the machine's identity: not a secret, unlike the token that it comes from."
}

output "tag_names" {
  # The program prints what Azure answers, and never its token.
  value       = nonsensitive(sort(step.exec.tag_names.extract.names))
  description = "The names of all tags in the subscription: no secrets, although a program printed them that has one."
}
