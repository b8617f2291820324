step "resource_graph" "it" {
  query = "resources | project id, name | order by name asc"
}

output "names" {
  value = step.resource_graph.it.rows[*].name
}
