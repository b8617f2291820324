# At most three roles for one identity.
package role_count

import rego.v1

roles[identity] := names if {
	some right in input.plan.rights
	identity := object.get(right, "acts_as", "machine")
	names := {role | some other in input.plan.rights; object.get(other, "acts_as", "machine") == identity; some role in object.get(other, "roles", [])}
}

warn contains sprintf("%s has %d roles", [identity, count(names)]) if {
	some identity, names in roles
	count(names) > 3
}
