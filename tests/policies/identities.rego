# Every step acts as the machine or as an identity that the runbook declares.
package identities

import rego.v1

declared := {identity.address | some identity in object.get(input.plan, "identities", [])}

deny contains {"msg": sprintf("%s is not declared", [step.acts_as]), "address": step.address} if {
	some step in input.plan.steps
	step.acts_as
	step.acts_as != "machine"
	not step.acts_as in declared
}
