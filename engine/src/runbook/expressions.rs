//! All that a runbook has to evaluate and to wait for.

use crate::syntax::{Expression, Reference};

use super::{Runbook, Step};

impl Runbook {
    /// Every expression in it that is evaluated in a plan or a run.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        let variables = self.variables.iter().flat_map(|variable| &variable.validations);
        let validations = variables.flat_map(|validation| [&validation.condition, &validation.message]);
        let locals = self.locals.iter().map(|local| &local.expression);
        let outputs = self.outputs.iter().map(|output| &output.expression);
        validations.chain(locals).chain(self.steps.iter().flat_map(Step::expressions)).chain(outputs)
    }

    /// Every reference in a `depends_on`.
    pub fn waits(&self) -> impl Iterator<Item = &Reference> {
        let steps = self.steps.iter().flat_map(|step| &step.depends_on);
        steps.chain(self.outputs.iter().flat_map(|output| &output.depends_on))
    }
}
