# Modules lie below the runbook.
package modules_inside

import rego.v1

deny contains sprintf("the module %s lies outside", [module.name]) if {
	some module in input.runbook.modules
	startswith(module.source, "..")
}
