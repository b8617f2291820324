//! Lists the expressions and dependencies of a runbook.

use crate::syntax::{Expression, Reference};

use super::{Identity, Output, RecordBlock, Repetition, Rule, Runbook, Step};

/// An expression of a runbook with its scope.
#[derive(Clone, Copy)]
pub struct Part<'a> {
    /// The expression.
    pub expression: &'a Expression,
    /// The scope.
    pub around: Around<'a>,
}

/// The scope of the names `each`, `count` and `self`.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    /// The repetition of the enclosing block, which defines `each` and `count`.
    pub repetition: Option<&'a Repetition>,
    /// The step that defines `self`.
    pub this: Option<&'a Step>,
}

impl<'a> Part<'a> {
    fn plain(expression: &'a Expression) -> Self {
        Self { expression, around: Around::default() }
    }
}

impl Runbook {
    /// Returns every expression that a plan or a run evaluates, except those in modules.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.parts().map(|part| part.expression)
    }

    /// Returns the same expressions with their scopes.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let rules = self.variables.iter().flat_map(|variable| &variable.rules);
        let rules = rules.chain(self.checks.iter().flat_map(|check| &check.rules));
        let locals = self.locals.iter().map(|local| &local.expression);
        let outputs = self.outputs.iter().flat_map(Output::expressions);
        let identities = self.identities.iter().flat_map(Identity::expressions);
        let record = self.settings.record.iter().flat_map(RecordBlock::expressions);
        let plain = rules.flat_map(Rule::expressions).chain(locals).chain(outputs);
        let plain = plain.chain(identities).chain(record);
        let plain = plain.map(Part::plain);
        plain.chain(self.steps.iter().flat_map(step)).chain(modules(self))
    }

    /// Returns every reference in a `depends_on`.
    pub fn waits(&self) -> impl Iterator<Item = &Reference> {
        let steps = self.steps.iter().flat_map(|step| &step.depends_on);
        let modules = self.modules.iter().flat_map(|module| &module.depends_on);
        let identities = self.identities.iter().flat_map(|identity| &identity.depends_on);
        let outputs = self.outputs.iter().flat_map(|output| &output.depends_on);
        steps.chain(modules).chain(identities).chain(outputs)
    }

    /// Returns every reference in an `identity` of a step, a module or the runbook.
    pub fn acting(&self) -> impl Iterator<Item = &Reference> {
        let steps = self.steps.iter().filter_map(|step| step.identity.as_ref());
        let modules = self.modules.iter().filter_map(|module| module.identity.as_ref());
        steps.chain(modules).chain(&self.settings.identity)
    }
}

fn step(step: &Step) -> impl Iterator<Item = Part<'_>> {
    let repetition = step.repetition.as_ref();
    let part = move |expression, this| Part { expression, around: Around { repetition, this } };
    let each = step.expressions().map(move |expression| part(expression, None));
    let later = step.later_expressions().map(move |expression| part(expression, Some(step)));
    let control = step.control.concurrency.iter().chain(&step.control.max_failures);
    let whole = repetition.map(Repetition::expression).into_iter().chain(control);
    whole.map(Part::plain).chain(each).chain(later)
}

fn modules(runbook: &Runbook) -> impl Iterator<Item = Part<'_>> {
    runbook.modules.iter().flat_map(|module| {
        let repetition = module.repetition.as_ref();
        let around = Around { repetition, this: None };
        let part = move |expression| Part { expression, around };
        let arguments = module.arguments.iter().map(|argument| &argument.expression);
        let arguments = arguments.chain(&module.when).map(part);
        repetition.map(Repetition::expression).map(Part::plain).into_iter().chain(arguments)
    })
}
