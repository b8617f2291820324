//! Checks the conditions of rules.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Rule, RunOn, Runbook, Step, Target};
use crate::syntax::{Expression, Reference};

/// Adds errors for conditions of `runbook` that check nothing.
pub fn check(runbook: &Runbook, found: &mut Diagnostics) {
    let steps = runbook.steps.iter().flat_map(|step| step.preconditions.iter().chain(&step.postconditions));
    let checks = runbook.checks.iter().flat_map(|check| &check.rules);
    let outputs = runbook.outputs.iter().flat_map(|output| &output.preconditions);
    for rule in steps.chain(checks).chain(outputs) {
        found.extend(constant(rule));
    }
    for step in &runbook.steps {
        let blind = step.control.conditions().filter(|condition| !looks_at_self(runbook, condition));
        found.extend(blind.map(|condition| {
            Diagnostic::error("constant-condition", "this condition does not depend on the step's results")
                .at(condition.span, "it has the same value after every attempt")
                .help("refer to `self`, such as `self.body.status == \"ready\"`")
        }));
        found.extend(needless_cleanup(step));
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

fn looks_at_self(runbook: &Runbook, condition: &Expression) -> bool {
    let is_self = |reference: &Reference| matches!(runbook.names.resolve(reference), Ok((Target::This, _)));
    condition.references().iter().any(is_self)
}

/// Returns an error for a cleanup step without anything to clean up.
fn needless_cleanup(step: &Step) -> Option<Diagnostic> {
    let refers = step.expressions().any(|expression| !expression.references().is_empty());
    let is_blind = step.control.run_on == RunOn::Failure && !refers && step.depends_on.is_empty();
    is_blind.then(|| {
        Diagnostic::error(
            "needless-cleanup",
            format!("`{}` is a cleanup step without a dependency", step.address),
        )
        .at(step.header, "it runs if a step before it fails")
        .help("name the step that it cleans up after: `depends_on = [step.type.name]`")
    })
}

fn constant(rule: &Rule) -> Option<Diagnostic> {
    rule.condition.references().is_empty().then(|| {
        Diagnostic::error("constant-condition", "this condition is always the same")
            .at(rule.condition.span, "it has no references")
            .help("refer to a variable or to the result of a step")
    })
}

fn off_topic(rule: &Rule, variable: &str) -> Diagnostic {
    Diagnostic::error("constant-condition", format!("this rule does not refer to `var.{variable}`"))
        .at(rule.condition.span, "it has the same value for every input")
        .help(format!("refer to `var.{variable}`, or move the rule to its variable"))
}
