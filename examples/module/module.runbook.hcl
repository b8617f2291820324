# A runbook can be a part of another: a module. It has variables of its own, and gives its outputs.
#
#   arcbook run examples/module

module "greeting" {
  source   = "./greeting"
  for_each = toset(["Ada", "Grace"])
  name     = each.key
}

output "greetings" {
  value = values(module.greeting)[*].text
}
