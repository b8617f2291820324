# Files with secrets are for their owner.
package secret_files

import rego.v1

deny contains {"msg": sprintf("the mode %s is not 0600", [path.end.place.mode]), "address": path.end.address} if {
	some path in input.plan.secret_paths
	path.end.place.kind == "file"
	path.end.place.mode != null
	path.end.place.mode != "0600"
}
