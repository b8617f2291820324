# arcbook:allow broad-role until=2027-01-31 the team reviews it in January
step "echo" "a" {
  input = <<-EOT
    # arcbook:allow nothing in a text
  EOT
  more = 1 // arcbook:allow a,b a reason
}
/* arcbook:allow x
   until=soon */

# arcbook:allow
