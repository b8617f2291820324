# Applications prove themselves without client secrets.
package no_client_secrets

import rego.v1

warn contains {"msg": "a client secret", "address": identity.address} if {
	some identity in input.runbook.identities
	identity.kind == "client_secret"
}
