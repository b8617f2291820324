//! Looks, before a run, for the programs and the directories that its steps need on this machine.

use std::path::Path;

use arcbook_engine::diagnostic::{Diagnostic, Diagnostics};
use arcbook_engine::graph::ModuleId;
use arcbook_engine::plan::{MadeFiles, Plan, PlannedStep, When};
use arcbook_engine::run::described;
use arcbook_engine::step::{Action, ActionKind, FileWrite, Process, StepError};
use arcbook_engine::value::{Data, Value};

use crate::azure::Azure;
use crate::file::Trouble;
use crate::process::{Failure, why_missing};

/// Returns a warning for each program and each directory of a file that is known and is not there, all at once.
///
/// They are no errors, because something other than the run may bring them in time. A step after another one that changes
/// this machine is left out, since that one may install the program or make the directory.
#[must_use]
pub fn missing_here(plan: &Plan, azure: &Azure) -> Diagnostics {
    let made = MadeFiles::of(plan);
    let directory = plan.state.runbook(ModuleId::ROOT).directory.as_path();
    let mut found = Diagnostics::new();
    for planned in plan.steps.iter().filter(|planned| planned.when != When::No) {
        let errors: Vec<StepError> =
            planned.actions.iter().filter_map(|action| missing(planned, action, directory, azure)).collect();
        if !errors.is_empty() && !made.follows_a_local_change(planned) {
            found.extend(errors.iter().map(|error| warning(plan, planned, error)));
        }
    }
    found
}

fn missing(planned: &PlannedStep, action: &Action, directory: &Path, azure: &Azure) -> Option<StepError> {
    match &action.kind {
        ActionKind::Exec(process) if may_be_looked_for(planned, process) => {
            program(process, directory, azure).map(|failure| failure.error("argv"))
        }
        ActionKind::WriteFile(file) if !is_set(planned, "create_directories") => {
            is_without_directory(file, directory).then(|| Trouble::NoDirectory.error().argument("path"))
        }
        _ => None,
    }
}

/// Returns true if the step surely runs this program, with the `PATH` of arcbook.
fn may_be_looked_for(planned: &PlannedStep, process: &Process) -> bool {
    let given = |name: &str| planned.arguments.iter().any(|(argument, _)| argument == name);
    let has_path = |name: Option<String>| name.is_none_or(|name| name.eq_ignore_ascii_case("PATH"));
    let keeps_path =
        process.environment.known().is_some_and(|names| !names.iter().any(|name| has_path(name.reveal())));
    !process.of_lab && keeps_path && !["creates", "unless", "inherit_environment"].into_iter().any(given)
}

/// Returns why a known program cannot be started, if it cannot.
fn program(process: &Process, directory: &Path, azure: &Azure) -> Option<Failure> {
    let program = process.argv.known()?.first()?.reveal()?;
    let directory = match &process.directory {
        Some(inner) => directory.join(inner.reveal()?),
        None => directory.to_owned(),
    };
    if !directory.is_dir() {
        return Some(Failure::NoDirectory);
    }
    let variable = |name: &str| azure.programs().get_ignoring_case(name);
    why_missing(&program, variable("PATH"), variable("PATHEXT"), &directory)
}

/// Returns true if the directory of a file whose path is known does not exist.
fn is_without_directory(file: &FileWrite, directory: &Path) -> bool {
    let Some(path) = file.path.reveal() else { return false };
    let path = directory.join(path);
    path.parent().is_some_and(|parent| !parent.as_os_str().is_empty() && !parent.exists())
}

/// Returns true if an argument is `true`, or is not known.
fn is_set(planned: &PlannedStep, argument: &str) -> bool {
    let set = |(name, value): &(String, Value)| {
        name == argument && !matches!(value.data(), Data::Bool(false) | Data::Null(_))
    };
    planned.arguments.iter().any(set)
}

/// Returns the error as a warning at its place in the runbook. It quotes no value, which may come from elsewhere.
fn warning(plan: &Plan, planned: &PlannedStep, error: &StepError) -> Diagnostic {
    let warning = described(error).into_warning().about(&*planned.address);
    let warning =
        warning.detail("The step would fail, unless something else brings it before the step runs.");
    match (plan.written(planned), error.about()) {
        (Some(step), Some(argument)) => warning.at(step.place(argument), ""),
        _ => warning,
    }
}
