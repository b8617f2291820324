# Requests go to hosts of Azure.
package approved_hosts

import rego.v1

approved := {".azure.com", ".azure.net", ".windows.net", ".microsoftonline.com"}

deny contains msg if {
	some host in input.plan.hosts
	not regex.match(`^(localhost|127\.)`, host)
	not ends_well(host)
	msg := sprintf("the host %s is not approved", [host])
}

ends_well(host) if {
	some suffix in approved
	endswith(host, suffix)
}
