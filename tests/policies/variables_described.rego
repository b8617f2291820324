# Variables are described.
package variables_described

import rego.v1

undescribed := [variable.name | some variable in input.runbook.variables; variable.description == null]

warn contains concat(": ", ["no description", concat(", ", undescribed)]) if count(undescribed) > 0
