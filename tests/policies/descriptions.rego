# Steps that change something are described.
package descriptions

import rego.v1

warn contains {"msg": "a change without a description", "address": step.address} if {
	some step in input.plan.steps
	step.effect == "changes"
	step.description == null
}
