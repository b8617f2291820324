# A step waits for the steps that it refers to. All other steps run in parallel: `left` and `right` here.
#
#   arcbook run -lab examples/05-parallel
#   arcbook graph -format mermaid examples/05-parallel      draws who waits for whom

step "echo" "first" {
  input = { left = 1, right = 2 }
}

step "echo" "left" {
  input = step.echo.first.output.left
}

step "echo" "right" {
  input = step.echo.first.output.right
}

step "echo" "last" {
  input      = "both are done"
  depends_on = [step.echo.left, step.echo.right]
}

output "sum" {
  value = step.echo.left.output + step.echo.right.output
}
