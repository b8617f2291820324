step "arc_machine" "it" {
  resource_group = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc"
  name           = "server"
}

output "name" {
  value = step.arc_machine.it.name
}
