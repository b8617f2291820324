//! Checks the local files that steps read, before anything runs.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope as _, check_template_text};
use crate::graph::{Item, ModuleId, Node, NodeId};
use crate::runbook::{OnError, RunOn, Step};
use crate::source::{slashed, text_without_mark};
use crate::step::{Action, FileRead, TemplateUse};
use crate::syntax::{check_file, text_on_disk};

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
            for FileRead { path, argument, most, template, .. } in
                planned.actions.iter().filter_map(Action::input_file)
            {
                let Some(path) = path.reveal().map(PathBuf::from) else { continue };
                if made.may_come_from_a_program(planned, &path) || !made.writers(planned, &path).is_empty() {
                    continue;
                }
                let given = self.given_by(planned, argument);
                let shown = given.as_ref().map_or_else(|| path.clone(), |_| "…".into());
                let whole = directory.join(&path);
                let in_template = || bad_template(&whole, &shown, *most, template.as_ref()?);
                let Some(wrong) = check_file(&whole, &shown, *most).or_else(in_template) else { continue };
                let wrong = match given {
                    Some(given) => wrong.detail(format!("Its path was given by {given}.")),
                    None => wrong,
                };
                let wrong = wrong.at(step.place(argument), "").about(&*planned.address);
                let wrong = if wrong.code == BAD_TEMPLATE {
                    wrong
                } else {
                    wrong.help("a relative path starts at the directory of the runbook")
                };
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

/// The code of a template that cannot be read.
const BAD_TEMPLATE: &str = "bad-template";

/// Returns the mistakes of the template in the file at `path`, which messages call `shown`.
fn bad_template(path: &Path, shown: &Path, most: u64, template: &TemplateUse) -> Option<Diagnostic> {
    // A file that cannot be read, or is no text, is told by the step itself.
    let text = text_on_disk(path, most)?;
    let names = template.names.as_ref().map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
    let shown = slashed(shown);
    let found = check_template_text(template.language, &shown, text_without_mark(&text), names.as_deref());
    let summary = format!("the template {shown} cannot be rendered");
    (!found.is_empty())
        .then(|| Diagnostic::error(BAD_TEMPLATE, summary).detail(format!("{}.", found.join("; "))))
}

/// Returns true if the run is certain to reach the step, and fails if the step fails.
fn is_certain(planned: &PlannedStep) -> bool {
    planned.when == When::Yes
        && planned.each_of.is_none()
        && planned.run_on != RunOn::Failure
        && planned.on_error == OnError::Stop
}
