# Secrets end in files, programs and vaults alone.
package secret_ends

import rego.v1

allowed := {"file", "environment", "input", "credential", "login", "parameter", "memory", "output", "body"}

deny contains {"msg": sprintf("a secret of %s ends in a %s", [path.source.origin, path.end.place.kind]), "address": path.end.address} if {
	some path in input.plan.secret_paths
	not path.end.place.kind in allowed
}
