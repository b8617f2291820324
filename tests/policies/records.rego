# Records leave the machine.
package records

import rego.v1

warn contains "the runbook has no place for its records" if {
	not input.runbook.has_record
}
