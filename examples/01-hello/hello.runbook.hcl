# The smallest runbook: one step that returns its input, and one output.
#
#   arcbook run -lab examples/01-hello
#   arcbook run -lab -var name=Ada examples/01-hello

variable "name" {
  type        = string
  default     = "world"
  description = "Whom to greet."
}

step "echo" "greeting" {
  input = "Hello, ${var.name}!"
}

output "greeting" {
  value = step.echo.greeting.output
}
