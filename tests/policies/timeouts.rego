# A step that waits has a time limit.
package timeouts

import rego.v1

deny contains {"msg": "`until` needs a timeout", "address": step.address} if {
	some step in input.runbook.steps
	step.has_until
	step.timeout == null
}
