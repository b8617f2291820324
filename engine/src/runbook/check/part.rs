//! The expressions of a runbook, and what may be referred to in each.

use crate::runbook::{Output, Repetition, Rule, Runbook, Step};
use crate::syntax::Expression;

/// One expression of a runbook.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The expression.
    pub expression: &'a Expression,
    /// How often there is the block around it: what `each` and `count` stand for.
    pub repetition: Option<&'a Repetition>,
    /// The step that `self` stands for.
    pub this: Option<&'a Step>,
}

impl<'a> Part<'a> {
    fn plain(expression: &'a Expression) -> Self {
        Self { expression, repetition: None, this: None }
    }
}

/// All expressions of `runbook`, but not those in its modules.
pub fn all(runbook: &Runbook) -> impl Iterator<Item = Part<'_>> {
    let rules = runbook.variables.iter().flat_map(|variable| &variable.rules);
    let rules = rules.chain(runbook.checks.iter().flat_map(|check| &check.rules));
    let locals = runbook.locals.iter().map(|local| &local.expression);
    let outputs = runbook.outputs.iter().flat_map(Output::expressions);
    let plain = rules.flat_map(Rule::expressions).chain(locals).chain(outputs).map(Part::plain);
    plain.chain(runbook.steps.iter().flat_map(step)).chain(modules(runbook))
}

fn step(step: &Step) -> impl Iterator<Item = Part<'_>> {
    let repetition = step.repetition.as_ref();
    let part = move |expression, this| Part { expression, repetition, this };
    let each = step.expressions().map(move |expression| part(expression, None));
    let later = step.later_expressions().map(move |expression| part(expression, Some(step)));
    repetition.map(Repetition::expression).map(Part::plain).into_iter().chain(each).chain(later)
}

fn modules(runbook: &Runbook) -> impl Iterator<Item = Part<'_>> {
    runbook.modules.iter().flat_map(|module| {
        let repetition = module.repetition.as_ref();
        let part = move |expression| Part { expression, repetition, this: None };
        let arguments = module.arguments.iter().map(move |argument| part(&argument.expression));
        repetition.map(Repetition::expression).map(Part::plain).into_iter().chain(arguments)
    })
}
