# Every request uses TLS, but those to this machine.
package https_only

import rego.v1

deny contains msg if {
	some step in input.plan.steps
	some action in step.actions
	action.kind == "http"
	startswith(action.url, "http://")
	not regex.match(`^http://(localhost|127\.|\[::1\])`, action.url)
	msg := sprintf("%s sends %s without TLS", [step.address, action.method])
}
