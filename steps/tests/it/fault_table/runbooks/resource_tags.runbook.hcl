step "resource_tags" "it" {
  id   = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc"
  tags = { owner = "operations" }
}
