# Nobody becomes Owner.
package no_owner

import rego.v1

deny contains {"msg": "the role Owner is not assigned by runbooks", "address": step.address} if {
	some step in input.plan.steps
	step.arguments.value.role == "Owner"
}
