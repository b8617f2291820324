# Programs and files of this machine: a report is written, and a program runs only if something changed.
#
#   arcbook run -lab examples/12-local           asks first: the lab stands for Azure, not for this machine
#   arcbook undo -runbook examples/12-local      removes the report; what a program did stays

variable "directory" {
  type        = string
  default     = "out"
  description = "The directory of the report; a relative one starts here."
}

step "metadata" "machine" {}

# A program that only reads: `plan -live` runs it too.
step "exec" "kernel" {
  argv    = ["uname", "-r"]
  effect  = "reads"
  timeout = "10s"
}

step "file" "report" {
  path               = "${var.directory}/report.json"
  content            = "${jsonencode({ machine = step.metadata.machine.name, kernel = trimspace(step.exec.kernel.stdout) })}\n"
  mode               = "0640"
  create_directories = true
}

# A program that changes something runs after an approval, and once: `creates` names the file that it makes.
step "exec" "compress" {
  argv       = ["gzip", "--keep", "--force", step.file.report.path]
  idempotent = true
  timeout    = "1m"
  when       = step.file.report.changed
}

output "report" { value = step.file.report.sha256 }
