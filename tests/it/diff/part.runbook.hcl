variable "text" {
  type = string
}

step "echo" "say" {
  input = upper(var.text)
}

output "said" {
  value = step.echo.say.output
}
