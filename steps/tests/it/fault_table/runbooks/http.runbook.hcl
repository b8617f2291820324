step "http" "it" {
  url      = "LAB/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc?api-version=2021-04-01"
  audience = "LAB"
}

output "name" {
  value = step.http.it.body.name
}
