step "role_assignment" "it" {
  scope        = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/arc"
  role         = "Reader"
  principal_id = "40000000-0000-4000-8000-000000000001"
}
