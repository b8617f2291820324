# A runbook can call another runbook as a module, with its own variables and outputs.
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
