//! Conditions that check nothing.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Rule, Runbook, Target};

/// Adds what is wrong with the conditions of `runbook`.
pub fn check(runbook: &Runbook, found: &mut Diagnostics) {
    let steps = runbook.steps.iter().flat_map(|step| step.preconditions.iter().chain(&step.postconditions));
    let checks = runbook.checks.iter().flat_map(|check| &check.rules);
    let outputs = runbook.outputs.iter().flat_map(|output| &output.preconditions);
    for rule in steps.chain(checks).chain(outputs) {
        found.extend(constant(rule));
    }
    for (index, variable) in runbook.variables.iter().enumerate() {
        for rule in &variable.rules {
            let refers = rule.condition.references().iter().any(|reference| {
                matches!(runbook.names.resolve(reference), Ok((Target::Variable(at), _)) if at == index)
            });
            if !refers {
                found.push(off_topic(rule, &variable.name.value));
            }
        }
    }
}

fn constant(rule: &Rule) -> Option<Diagnostic> {
    rule.condition.references().is_empty().then(|| {
        Diagnostic::error("constant-condition", "this condition is always the same")
            .at(rule.condition.span, "it refers to nothing")
            .help("refer to what must hold, such as a variable or what a step gave")
    })
}

fn off_topic(rule: &Rule, variable: &str) -> Diagnostic {
    Diagnostic::error("constant-condition", format!("this rule does not look at `var.{variable}`"))
        .at(rule.condition.span, "it would be the same for every value")
        .help(format!("refer to `var.{variable}`, or put the rule into the variable that it is about"))
}
