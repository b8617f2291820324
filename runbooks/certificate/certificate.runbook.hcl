# Keeps the certificate of a service on this machine as the vault has it, and lets the service load it.
#
#   runbooks/certificate/server arcbook run -lab runbooks/certificate         on a computer with nginx, against a local Azure
#   arcbook run -var vault=NAME -var server_name=HOST runbooks/certificate    on an Arc-enabled server, against Azure
#
# If anything fails, for example because the service refuses the certificate, the run puts the earlier files back. The
# service goes on with the earlier certificate, because it reloads only once its own test of them has succeeded.
# README.md says what the runbook needs, and how to use it for another service than nginx.

runbook {
  description = "Keep the certificate of a service as the vault has it."
  requires    = ">= 0.1"
  on_failure  = "undo"
}

variable "vault" {
  type        = string
  description = "Name of the vault with the certificate."
}

variable "certificate" {
  type        = string
  default     = "web"
  description = "Name of the certificate in the vault; the files have the same name."
}

variable "directory" {
  type        = string
  default     = "/etc/nginx/tls"
  description = "Directory of the files that the service reads: NAME.crt and NAME.key."
}

variable "key_mode" {
  type        = string
  default     = "0600"
  description = "Mode of the file with the private key; 0640 if a group reads it."

  validation {
    condition     = can(regex("^0?[46][04]0$", var.key_mode))
    error_message = "Only the owner may write the key, and only a group may read it too: 0600 or 0640, or without writing 0400 or 0440."
  }

  validation {
    condition     = var.key_group != null || !can(regex("^0?[46]40$", var.key_mode))
    error_message = "Name the group that may read the key in `key_group`, or let only the owner read it: 0600."
  }
}

variable "key_group" {
  type        = string
  default     = null
  description = "Group of that file, for a service that does not read it as root."
}

variable "test" {
  type        = list(string)
  default     = ["nginx", "-t"]
  description = "Program that tests the files without loading them: the service itself decides whether they are good."
}

variable "reload" {
  type        = list(string)
  default     = ["nginx", "-s", "reload"]
  description = "Program that lets the service load the files."
}

variable "address" {
  type        = string
  default     = "localhost:443"
  description = "Host and port at which the service answers with TLS."
}

variable "server_name" {
  type        = string
  description = "Name that a client asks for, by which the service chooses the certificate."
}

variable "warn_days" {
  type        = number
  default     = 30
  description = "The run warns if the certificate expires within so many days."
}

variable "refuse_days" {
  type        = number
  default     = 0
  description = "The run fails, and changes nothing, if the certificate expires within so many days."
}

locals {
  epoch   = "1970-01-01T00:00:00Z"
  begins  = timeadd(local.epoch, "${step.keyvault_certificate.wanted.not_before}s")
  expires = timeadd(local.epoch, "${step.keyvault_certificate.wanted.expires_on}s")
  warn_at = timeadd(plantimestamp(), "${24 * var.warn_days}h")
  use_at  = timeadd(plantimestamp(), "${24 * var.refuse_days}h")

  # Succeeds if the service already has the certificate of the file.
  serves = ["${path.module}/serves", var.address, var.server_name, "${var.directory}/${var.certificate}.crt"]
}

step "keyvault_certificate" "wanted" {
  description = "Reads the newest version of the certificate with its private key."
  vault       = var.vault
  name        = var.certificate
  require_key = true
}

step "assert" "valid" {
  description = "Stops before anything is changed if the certificate is of no use."

  assertion {
    condition = timecmp(local.begins, plantimestamp()) <= 0
    message   = "The certificate is valid from ${local.begins} on: the service keeps the earlier one."
  }

  assertion {
    condition = timecmp(local.expires, local.use_at) > 0
    message   = "The certificate expires on ${local.expires}: renew it in the vault ${var.vault}. The service keeps the earlier one."
  }
}

check "expiry" {
  assert {
    condition     = timecmp(local.expires, local.warn_at) > 0
    error_message = "The certificate expires on ${local.expires}, within ${var.warn_days} days: renew it in the vault ${var.vault}."
  }
}

step "directory" "tls" {
  description = "Makes the directory, unless it is there."
  path        = var.directory
  depends_on  = [step.assert.valid]
}

step "file" "certificate" {
  description = "Writes the certificate and those of its issuers."
  path        = "${step.directory.tls.path}/${var.certificate}.crt"
  content     = "${step.keyvault_certificate.wanted.certificate}${step.keyvault_certificate.wanted.chain}"
  mode        = "0644"
}

step "file" "key" {
  description = "Writes the private key."
  path        = "${step.directory.tls.path}/${var.certificate}.key"
  content     = step.keyvault_certificate.wanted.key
  mode        = var.key_mode
  group       = var.key_group
}

step "exec" "test" {
  description   = "Asks the service whether it takes the files."
  argv          = var.test
  effect        = "reads"
  success_codes = range(256)
  timeout       = "1m"
  depends_on    = [step.file.certificate, step.file.key]

  postcondition {
    condition     = self.exit_code == 0
    error_message = "The service refuses the files, and goes on with the certificate that it has. The run puts back the files that it wrote; those of a run that was stopped before this test are put back by `arcbook undo`. It said: ${try(trimspace(self.stderr), "nothing")}"
  }
}

# The service is asked what it serves, rather than whether a file changed: a run that was killed before the reload leaves
# good files that no service has loaded, and the next run finds that.

step "exec" "reload" {
  description = "Lets the service load the files, unless it serves the certificate already."
  argv        = var.reload
  unless      = local.serves
  idempotent  = true
  timeout     = "1m"
  depends_on  = [step.exec.test]
}

step "exec" "served" {
  description = "Waits until the service serves the certificate."
  argv        = local.serves
  effect      = "reads"
  timeout     = "1m"
  depends_on  = [step.exec.reload]

  retry {
    attempts  = 15
    delay     = "100ms"
    factor    = 1.5
    max_delay = "2s"
  }
}

output "subject" {
  value       = step.keyvault_certificate.wanted.subject
  description = "The subject of the certificate."
}

output "expires" {
  value       = local.expires
  description = "The end of its validity."
}

output "thumbprint" {
  value       = step.keyvault_certificate.wanted.thumbprint
  description = "Its SHA-1, by which Azure names it."
}
