# No step writes to the directory of Entra unless its description says so.
package graph_rights

import rego.v1

deny contains {"msg": sprintf("%s needs %s", [step.address, need.action]), "address": step.address} if {
	some step in input.plan.steps
	some action in step.actions
	some need in object.get(action, "needs", [])
	need.plane == "directory"
	not says_so(step)
}

says_so(step) if {
	is_string(step.description)
	contains(step.description, "ntra")
}
