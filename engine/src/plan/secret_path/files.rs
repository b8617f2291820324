//! Finds the steps that read a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::Place;
use super::ends::{Leaf, places};
use crate::graph::ModuleId;
use crate::plan::{Plan, PlannedStep, When};
use crate::runbook::Step;
use crate::source::whole;
use crate::step::{Action, ActionKind, Process, Sink, Text};
use crate::value::Value;

/// The steps that read each file.
///
/// Two steps name the same file if the paths are the same as far as they are known; whether one waits for the other does
/// not count, because the file may be there from the run before.
pub(super) struct Readers<'a> {
    directory: &'a Path,
    by_path: HashMap<PathBuf, Vec<Reader<'a>>>,
}

/// A step that reads a file.
pub(super) struct Reader<'a> {
    pub step: &'a PlannedStep,
    pub argument: &'static str,
    sink: Sink,
    /// The program that gets the path among its arguments.
    program: Option<&'a Process>,
}

impl<'a> Readers<'a> {
    pub fn of(plan: &'a Plan) -> Self {
        let directory = plan.state.runbook(ModuleId::ROOT).directory.as_path();
        let mut readers = Self { directory, by_path: HashMap::new() };
        for step in plan.steps.iter().filter(|step| step.when != When::No) {
            for file in step.actions.iter().filter_map(Action::input_file) {
                // The content of a file ends where the text does that can be given in its place.
                let typed = plan.written(step).map(Step::typed);
                let field =
                    typed.and_then(|typed| typed.field("content").or_else(|| typed.field(file.argument)));
                let sink = field.map_or(Sink::Actions, |field| field.sink);
                readers.add(
                    &file.path.to_string(),
                    Reader { step, argument: file.argument, sink, program: None },
                );
            }
            for action in &step.actions {
                if let ActionKind::Exec(process) = &action.kind {
                    readers.program(step, process);
                }
            }
        }
        readers
    }

    /// Adds the paths among the arguments of a program: whole ones, and those behind `@` or `=`.
    fn program(&mut self, step: &'a PlannedStep, process: &'a Process) {
        let directory = process.directory.as_ref().map(ToString::to_string).unwrap_or_default();
        for text in process.argv.known().into_iter().flatten().skip(1).map(Text::to_string) {
            let behind = |mark: char| text.rsplit_once(mark).map(|(_, path)| path.to_owned());
            for path in [Some(text.clone()), behind('@'), behind('=')].into_iter().flatten() {
                let path = Path::new(&directory).join(path);
                let reader = Reader { step, argument: "argv", sink: Sink::Input, program: Some(process) };
                self.add(&path.to_string_lossy(), reader);
            }
        }
    }

    fn add(&mut self, path: &str, reader: Reader<'a>) {
        self.by_path.entry(whole(&self.directory.join(path))).or_default().push(reader);
    }

    pub fn of_file(&self, path: &str) -> impl Iterator<Item = &Reader<'a>> {
        self.by_path.get(&whole(&self.directory.join(path))).into_iter().flatten()
    }
}

impl Reader<'_> {
    /// Returns the places where the content of the file ends.
    pub fn places(&self) -> Vec<Place> {
        if let Some(process) = self.program {
            let program = process.argv.shown().into_iter().next().unwrap_or_default();
            return vec![Place::Input { program }];
        }
        let leaf = Leaf { name: self.argument.to_owned(), sink: self.sink, value: &Value::NULL };
        places(&leaf, &self.step.actions).into_iter().collect()
    }
}
