# Resource groups carry the tags that accounting needs.
package required_tags

import rego.v1

required := {"owner", "cost-center"}

deny contains {"msg": concat(" ", ["tags are missing:", concat(", ", sort(missing))]), "address": step.address} if {
	some step in input.plan.steps
	startswith(step.address, "step.resource_group.")
	tags := object.get(step.arguments.value, "tags", {})
	missing := required - object.keys(tags)
	count(missing) > 0
}
