//! What is known so far.

use crate::diagnostic::Diagnostic;
use crate::expression::functions::{self, Clock, Files};
use crate::expression::{Resolved, Scope};
use crate::runbook::{Runbook, Target, reference_error};
use crate::syntax::{Reference, Segment};
use crate::value::{Origins, Type, Value};

/// The values of a runbook's variables, local values and steps, as far as they are known.
pub struct State<'a> {
    runbook: &'a Runbook,
    files: Files,
    clock: Clock,
    variables: Vec<Value>,
    locals: Vec<Option<Value>>,
    steps: Vec<Option<Value>>,
}

impl<'a> State<'a> {
    /// Only the variables are known.
    #[must_use]
    pub fn new(runbook: &'a Runbook, variables: Vec<Value>, clock: Clock) -> Self {
        Self {
            runbook,
            files: Files::new(&runbook.directory),
            clock,
            variables,
            locals: vec![None; runbook.locals.len()],
            steps: vec![None; runbook.steps.len()],
        }
    }

    /// The runbook.
    #[must_use]
    pub fn runbook(&self) -> &'a Runbook {
        self.runbook
    }

    /// The files that were read so far, in order.
    #[must_use]
    pub fn files_read(&self) -> Vec<String> {
        self.files.read()
    }

    /// The variables' values.
    #[must_use]
    pub fn variables(&self) -> &[Value] {
        &self.variables
    }

    /// Says what a local value is.
    pub fn set_local(&mut self, index: usize, value: Value) {
        self.locals[index] = Some(value);
    }

    /// Says what a step gave.
    pub fn set_step(&mut self, index: usize, value: Value) {
        self.steps[index] = Some(value);
    }

    fn value(&self, target: Target, reference: &Reference) -> Value {
        let known = match target {
            Target::Variable(index) => self.variables.get(index).cloned(),
            Target::Local(index) => self.locals[index].clone(),
            Target::Step(index) => self.steps[index].clone(),
            Target::Path => Some(self.path(reference)),
            Target::Runbook => Some(Value::from(self.runbook.name.as_str())),
        };
        known.unwrap_or_else(|| Value::unknown(Type::Any, Origins::of(reference.to_string())))
    }

    fn path(&self, reference: &Reference) -> Value {
        let name = reference.path.first().and_then(Segment::name);
        let path = match name.map(AsRef::as_ref) {
            Some("cwd") => std::env::current_dir(),
            // Whole, so that a path made with it means the same wherever it is used.
            _ => std::path::absolute(&self.runbook.directory),
        };
        Value::string(path.unwrap_or_default().to_string_lossy())
    }
}

impl Scope for State<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved, Box<Diagnostic>> {
        let (target, used) = self.runbook.names.resolve(reference)?;
        Ok(Resolved { value: self.value(target, reference), used })
    }

    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        reference_error(self.runbook, reference)
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.files, self.clock)
    }
}
