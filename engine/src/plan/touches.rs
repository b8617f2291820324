//! Checks the local files that steps read, before anything runs.

use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::Scope as _;
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::runbook::{OnError, RunOn, Step};
use crate::step::{Action, FileRead};
use crate::syntax::check_file;

use super::{MadeFiles, Plan, PlannedStep, When};

impl Plan {
    /// Checks the files that the steps read: returns errors, or warnings if the step may be skipped or may
    /// fail.
    ///
    /// Files with unknown names are not checked, nor those that earlier steps make.
    #[must_use]
    pub fn check_files(&self) -> Diagnostics {
        let mut found = Diagnostics::new();
        let directory = &self.state.runbook(ModuleId::ROOT).directory;
        let made = MadeFiles::of(self);
        for planned in self.steps.iter().filter(|planned| planned.when != When::No) {
            let Some(step) = self.written(planned) else { continue };
            for FileRead { path, argument, most, .. } in planned.actions.iter().filter_map(Action::input_file)
            {
                let Some(path) = path.reveal().map(PathBuf::from) else { continue };
                if made.may_come_from_a_program(planned, &path) || !made.writers(planned, &path).is_empty() {
                    continue;
                }
                let given = self.given_by(planned, argument);
                let shown = given.as_ref().map_or_else(|| path.clone(), |_| "…".into());
                let Some(wrong) = check_file(&directory.join(&path), &shown, *most) else { continue };
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
        for (one, other) in made.rivals() {
            if let Some(warning) = self.rivals(one, other) {
                found.push(warning);
            }
        }
        found
    }

    /// Warns of two steps that write one file, if the run is certain to reach both.
    fn rivals(&self, one: NodeId, other: NodeId) -> Option<Diagnostic> {
        let planned = |node: NodeId| {
            let planned = self.steps.iter().find(|planned| planned.node == node)?;
            is_certain(planned).then_some(planned)
        };
        let (one, other) = (planned(one)?, planned(other)?);
        let summary = format!(
            "{} and {} write the same file, and neither waits for the other",
            one.address, other.address
        );
        let warning = Diagnostic::warning("same-file", summary);
        let place = self.written(other)?.place("path");
        Some(
            warning
                .at(place, "")
                .help("name another file, or let one of them wait for the other: `depends_on`")
                .about(&*other.address),
        )
    }

    /// Returns the external source of a step's argument; with one, messages do not quote the value.
    fn given_by(&self, planned: &PlannedStep, argument: &str) -> Option<String> {
        let Node::Item { module, .. } = self.graph.get(planned.node) else { return None };
        let scope = self.state.scope(*module);
        let arguments = &self.written(planned)?.arguments;
        let written = arguments.iter().find(|written| *written.name.value == *argument)?;
        written.expression.references().iter().find_map(|reference| scope.given_by(reference))
    }

    /// Returns the step in the runbook.
    #[must_use]
    pub fn written(&self, planned: &PlannedStep) -> Option<&Step> {
        match self.graph.get(planned.node) {
            Node::Item { module, item: Item::Step(index), .. } => {
                self.state.runbook(*module).steps.get(*index)
            }
            _ => None,
        }
    }
}

/// Returns true if the run is certain to reach the step, and fails if the step fails.
fn is_certain(planned: &PlannedStep) -> bool {
    planned.when == When::Yes
        && planned.each_of.is_none()
        && planned.run_on != RunOn::Failure
        && planned.on_error == OnError::Stop
}
