use arcbook_engine::policy::Policies;
use serde_json::Value as Json;

/// The policy that is asked about generated plans.
const OWN: &str = r#"package arcbook.own

deny contains message if {
  some step in input.plan.steps
  step.effect == "changes"
  message := sprintf("%v changes", [step.address])
}

warn contains {"message": input.runbook.name, "rule": "name"} if input.runbook.name
"#;

/// Fuzzes policies, and what they are asked about: input that is JSON is a plan and a runbook, anything else is a policy.
/// Loading and asking end, with answers or with a message.
pub fn policy(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let json = serde_json::from_str::<Json>(text).ok();
    let directory = tempfile::tempdir().expect("a directory");
    let policy = if json.is_some() { OWN } else { text };
    std::fs::write(directory.path().join("own.rego"), policy).expect("written");
    let asked = Policies::load(directory.path()).and_then(|policies| {
        let plan = json.unwrap_or(Json::Null);
        policies.ask(&plan, &plan["runbook"])
    });
    match asked {
        Ok(answers) => drop(answers.diagnostics()),
        Err(error) => assert!(!error.summary.is_empty()),
    }
}
