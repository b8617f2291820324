//! A case: steps of one type, and how they are run with the permissions that they declare.

use std::path::Path;
use std::sync::Arc;

use arcbook_engine::step::{Action, Change, Existing, Permission, StepError, Work};
use arcbook_engine::value::Value;
use arcbook_lab::Options;
use arcbook_steps::{Azure, registry};

use super::comparison::comparison;
use super::granted::{Granted, world};
use super::table::Row;
use crate::world::{Bench, Given};

/// Steps that run one after another in the same world.
pub struct Case {
    /// The step type whose permissions they use.
    pub ty: &'static str,
    pub steps: Vec<Step>,
}

/// A step, and its expected result.
pub struct Step {
    pub ty: &'static str,
    pub given: Given,
    pub change: Change,
    /// True if the change is undone.
    pub is_undone: bool,
}

/// Returns a step of type `ty` that makes `change`.
pub fn step(ty: &'static str, given: &[(&'static str, Value)], change: Change) -> Step {
    Step { ty, given: given.to_vec(), change, is_undone: false }
}

/// The end of a case.
#[derive(Debug)]
pub enum End {
    /// Every step made its change.
    Complete,
    /// A lookup was refused, for this reason.
    Unanswered(String),
    /// A step failed, with all that the error says.
    Failed(String),
}

/// A run of a case.
pub struct Ran {
    pub end: End,
    /// The permissions that the steps and their undoings declare, each once.
    pub needs: Vec<Permission>,
    /// The differences from the table.
    pub differences: Vec<String>,
}

impl Step {
    pub fn undone(self) -> Self {
        Self { is_undone: true, ..self }
    }

    /// Prepares the step; `directory` is for the files that it writes.
    pub fn prepare(&self, azure: &Arc<Azure>, directory: &Path) -> Box<dyn Work> {
        let place = |value: &Value| Value::from(directory.join(value.as_str().unwrap()).to_str().unwrap());
        let is_file = |name: &str| (self.ty, name) == ("blob_download", "path");
        let arguments = self
            .given
            .iter()
            .map(|(name, value)| ((*name).into(), if is_file(name) { place(value) } else { value.clone() }))
            .collect();
        let ty = registry(azure).get(self.ty).unwrap().prepare(&arguments);
        ty.unwrap_or_else(|errors| panic!("{}: {errors:?}", self.ty))
    }

    async fn run(&self, bench: &Bench, directory: &Path, ran: &mut Ran, rows: &[Row]) -> Result<(), End> {
        let registry = registry(&bench.azure);
        let ty = registry.get(self.ty).unwrap();
        let work = self.prepare(&bench.azure, directory);
        ran.declare(&work.actions(), rows);
        let found = work.find(bench.context()).await.map_err(|error| failed(&error))?;
        if let Existing::Unknown(why) = &found
            && why.contains("403")
        {
            return Err(End::Unanswered(why.to_string()));
        }
        let kept = Bench::keep_found(work, found, bench.context()).await.map_err(|error| failed(&error))?;
        if kept.outcome.change != self.change {
            let (made, wanted) = (kept.outcome.change.as_str(), self.change.as_str());
            return Err(End::Failed(format!("it made the change {made} in place of {wanted}")));
        }
        if self.is_undone {
            let receipt = kept.receipt.expect("a change");
            let undo = ty.undo(&receipt);
            let undo = undo.ok_or_else(|| End::Failed(format!("{} cannot be undone", self.ty)))?;
            ran.declare(&undo.actions(), rows);
            let undone = undo.run(bench.context()).await.map_err(|error| failed(&error))?;
            assert_ne!(undone.change, Change::None, "{}: undone", self.ty);
        }
        Ok(())
    }
}

impl Ran {
    fn declare(&mut self, actions: &[Action], rows: &[Row]) {
        for action in actions {
            self.differences.extend(comparison(rows, action).err());
            let new =
                action.needs.iter().filter(|need| !self.needs.contains(need)).cloned().collect::<Vec<_>>();
            self.needs.extend(new);
        }
    }
}

impl Case {
    /// Runs the steps as a machine with these rights, until one does not succeed.
    pub async fn run(&self, granted: &Granted, rows: &[Row]) -> (Bench, Ran) {
        let bench =
            Bench::in_world(&world(granted, self.ty == "keyvault_certificate"), Options::default(), |_| ())
                .await;
        let directory = tempfile::tempdir().unwrap();
        let mut ran = Ran { end: End::Complete, needs: Vec::new(), differences: Vec::new() };
        for step in &self.steps {
            if let Err(end) = step.run(&bench, directory.path(), &mut ran, rows).await {
                ran.end = end;
                break;
            }
        }
        (bench, ran)
    }
}

fn failed(error: &StepError) -> End {
    let why = error.why().unwrap_or_default();
    End::Failed(format!("{error}: {why}\n{}", error.remedies().join("\n")))
}
