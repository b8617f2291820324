# `count` and `for_each` make instances of a step. Each instance waits only for the instances that it refers to.
#
#   arcbook run -lab examples/06-each

variable "sites" {
  type        = map(object({ racks = number, city = optional(string, "nowhere") }))
  default     = { west = { racks = 2, city = "Portland" }, east = { racks = 1, city = "Boston" } }
  description = "The sites by name."

  validation {
    condition     = alltrue([for site in var.sites : site.racks > 0])
    error_message = "Each site has a rack."
  }
}

step "echo" "site" {
  for_each = var.sites
  input    = "${each.key} in ${each.value.city}"
}

step "echo" "report" {
  for_each = var.sites
  input    = upper(step.echo.site[each.key].output)

  postcondition {
    condition     = length(self.output) < 100
    error_message = "The report on ${each.key} is too long."
  }
}

step "echo" "rack" {
  count = sum(values(var.sites)[*].racks)
  input = "rack ${count.index + 1}"
}

check "every_site_has_a_city" {
  assert {
    condition     = alltrue([for site in var.sites : site.city != "nowhere"])
    error_message = "Some site is nowhere: ${join(", ", [for name, site in var.sites : name if site.city == "nowhere"])}."
  }
}

output "reports" {
  value = { for name, report in step.echo.report : name => report.output }
}

output "racks" {
  value = step.echo.rack[*].output
}
