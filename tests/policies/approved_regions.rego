# Resources are made in approved regions alone.
package approved_regions

import rego.v1

allowed := {"westeurope", "northeurope"}

deny contains {"msg": sprintf("the region %s is not approved", [step.arguments.value.location]), "address": step.address} if {
	some step in input.plan.steps
	is_string(step.arguments.value.location)
	not step.arguments.value.location in allowed
}
