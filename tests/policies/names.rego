# Names of steps are lower case.
package names

import rego.v1

warn contains {"msg": sprintf("the name %s is not lower case", [step.name]), "address": step.address} if {
	some step in input.runbook.steps
	not regex.match(`^_?[a-z][a-z0-9_]*$`, step.name)
}
