# This runbook asks a service for its health, tells it something, and keeps a page of it in a file.
#
# The service is one of this machine here, so it needs no TLS. Any other host does.

variable "service" {
  type        = string
  default     = "http://localhost:8080"
  description = "Base URL of the service"
}

step "http" "health" {
  url = "${var.service}/health"

  expect {
    status    = [200]
    condition = "body.state == 'ready'"
  }
}

step "http" "note" {
  url        = "${var.service}/notes"
  method     = "POST"
  json       = { version = step.http.health.body.version, by = "arcbook" }
  idempotent = false

  expect {
    status = [201]
  }
}

step "http" "page" {
  url     = "${var.service}/page"
  save_to = "page.html"
  mode    = "0644"
}

output "version" {
  value = step.http.health.body.version
}

output "note" {
  value = step.http.note.headers.location
}
