step "metadata" "it" {}

output "name" {
  value = step.metadata.it.name
}
