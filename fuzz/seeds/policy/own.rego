package arcbook.own

deny contains message if {
  some step in input.plan.steps
  step.effect == "changes"
  message := sprintf("%v changes", [step.address])
}

warn contains {"message": input.runbook.name, "rule": "name"} if input.runbook.name
