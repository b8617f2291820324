# Deletions are looked at twice.
package deletions

import rego.v1

deletes := {action.method | some step in input.plan.steps; some action in step.actions; action.kind == "http"; action.method == "DELETE"}

warn contains "the plan deletes something" if count(deletes) > 0
