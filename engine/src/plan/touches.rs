//! The files that steps read, looked at before anything is done.

use crate::diagnostic::Diagnostics;
use crate::expression::Scope as _;
use crate::graph::{Item, ModuleId, Node};
use crate::runbook::{OnError, RunOn, Step};
use crate::step::Touch;
use crate::syntax::check_file;

use super::{Plan, PlannedStep, When};

impl Plan {
    /// Checks the files that its steps read: errors, or warnings where the step may not be run, or may fail.
    ///
    /// Files whose names are not known yet are not looked at.
    #[must_use]
    pub fn check_files(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        let directory = &self.state.runbook(ModuleId::ROOT).directory;
        for planned in self.steps.iter().filter(|planned| planned.when != When::No) {
            let Some(step) = self.written(planned) else { continue };
            for Touch::Reads { path, argument, most } in &planned.touches {
                let given = self.given_by(planned, argument);
                let shown = given.as_ref().map_or_else(|| path.clone(), |_| "…".into());
                let Some(wrong) = check_file(&directory.join(path), &shown, *most) else { continue };
                let wrong = match given {
                    Some(given) => wrong.detail(format!("Its path was given by {given}.")),
                    None => wrong,
                };
                let wrong = wrong
                    .at(step.place(argument), "")
                    .help("a relative path starts at the directory of the runbook")
                    .about(&*planned.address);
                found.push(if is_certain(planned) { wrong } else { wrong.into_warning() });
            }
        }
        found
    }

    /// By what the argument of a step was given from outside the runbook; its value is in no message then.
    fn given_by(&self, planned: &PlannedStep, argument: &str) -> Option<String> {
        let Node::Item { module, .. } = self.graph.get(planned.node) else { return None };
        let scope = self.state.scope(*module);
        let arguments = &self.written(planned)?.arguments;
        let written = arguments.iter().find(|written| *written.name.value == *argument)?;
        written.expression.references().iter().find_map(|reference| scope.given_by(reference))
    }

    /// The step as it is written.
    fn written(&self, planned: &PlannedStep) -> Option<&Step> {
        match self.graph.get(planned.node) {
            Node::Item { module, item: Item::Step(index), .. } => {
                self.state.runbook(*module).steps.get(*index)
            }
            _ => None,
        }
    }
}

/// Whether a run comes to the step for certain, and fails with it.
fn is_certain(planned: &PlannedStep) -> bool {
    planned.when == When::Yes
        && planned.each_of.is_none()
        && planned.run_on != RunOn::Failure
        && planned.on_error == OnError::Stop
}
