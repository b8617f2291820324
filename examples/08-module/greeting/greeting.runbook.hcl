variable "name" {
  type        = string
  description = "Who is greeted."
}

step "echo" "greet" {
  input = templatefile("${path.module}/greeting.txt.j2", { name = var.name })
}

output "text" {
  value       = trimspace(step.echo.greet.output)
  description = "The greeting."
}
