# A run makes at most five changes.
package change_budget

import rego.v1

deny contains msg if {
	input.plan.changes > 5
	msg := sprintf("%d changes are more than 5", [input.plan.changes])
}
