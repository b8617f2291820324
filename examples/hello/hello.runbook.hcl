# The smallest runbook: one step that returns its input, and one output.
#
#   arcbook run examples/hello
#   arcbook run -var name=Ada examples/hello

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
