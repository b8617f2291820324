# A runbook can call another runbook as a module, with its own variables and outputs.
#
#   arcbook run -lab examples/08-module

module "greeting" {
  source   = "./greeting"
  for_each = toset(["Ada", "Grace"])
  name     = each.key
}

output "greetings" {
  value = values(module.greeting)[*].text
}
