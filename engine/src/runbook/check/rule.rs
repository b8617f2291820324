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
            Diagnostic::error("constant-condition", "this condition does not look at what the step gives")
                .at(condition.span, "it would be the same after every attempt")
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
        Diagnostic::error("needless-cleanup", format!("`{}` cleans up after nothing", step.address))
            .at(step.header, "it is run when something that it comes after fails")
            .help("name what it cleans up after: `depends_on = [step.type.name]`")
    })
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
