# Programs run without a shell.
package no_shell

import rego.v1

shells := {"sh", "bash", "dash", "zsh", "pwsh"}

deny contains {"msg": sprintf("%s runs a shell", [step.address]), "address": step.address} if {
	some step in input.plan.steps
	some action in step.actions
	action.kind == "exec"
	parts := split(action.argv[0], "/")
	parts[count(parts) - 1] in shells
	"-c" in action.argv
}
