//! What names mean at one place of a runbook.

use crate::diagnostic::Diagnostic;
use crate::expression::functions;
use crate::expression::{Instances, Meaning, Resolved, Scope};
use crate::graph::{Instance, ModuleId};
use crate::runbook::{Target, reference_error};
use crate::syntax::{Reference, Segment};
use crate::value::{Origins, Type, Value};

use super::State;
use super::slots::{Later, Slots};
use super::state::module_path;

/// What names mean in one instance of a step or a module, or in another part of a runbook.
#[derive(Clone)]
pub struct Site<'a> {
    pub(super) state: &'a State,
    /// Which instance of a module it is in.
    pub module: ModuleId,
    each: Each,
    this: Option<&'a Value>,
}

/// What `each` and `count` stand for.
#[derive(Clone)]
enum Each {
    Nothing,
    Index(Value),
    Key(Value, Value),
}

impl<'a> Site<'a> {
    pub(super) fn new(state: &'a State, module: ModuleId) -> Self {
        Self { state, module, each: Each::Nothing, this: None }
    }

    /// In an instance of one of the blocks that `slots` tells of.
    pub(super) fn instance<T>(mut self, slots: &Slots<T>, instance: &Instance) -> Self {
        let unknown = |later: &Later, ty: Type| Value::unknown(ty, later.origins.clone());
        self.each = match (instance, slots.each_value(instance), slots.later()) {
            (Instance::Index(index), ..) => Each::Index(Value::from(*index as u64)),
            (Instance::Key(key), Some(value), _) => Each::Key(Value::string(key.clone()), value.clone()),
            (Instance::Each, _, Some(later)) if later.counted => {
                Each::Index(unknown(later, Type::Number).not_null())
            }
            (Instance::Each, _, Some(later)) => {
                Each::Key(unknown(later, Type::String).not_null(), unknown(later, later.value.clone()))
            }
            _ => Each::Nothing,
        };
        self
    }

    /// Where `each.value` is this, in an instance with a key.
    pub(super) fn with_each_value(mut self, value: Value) -> Self {
        if let Each::Key(_, each) = &mut self.each {
            *each = value;
        }
        self
    }

    /// The instance with the same key, of a step that has instances with keys; none where the key is not known.
    pub(super) fn key(&self) -> Option<Instance> {
        match &self.each {
            Each::Key(key, _) => Instance::of(key),
            _ => None,
        }
    }

    /// Where `self` stands for that value.
    #[must_use]
    pub fn with_self(mut self, value: &'a Value) -> Self {
        self.this = Some(value);
        self
    }

    fn constant(&self, target: Target, reference: &Reference) -> Option<Value> {
        let state = self.state;
        let known = state.known(self.module);
        match target {
            Target::Variable(index) => known.variables.get(index).cloned().flatten(),
            Target::Local(index) => known.locals[index].clone(),
            Target::Path => Some(self.path(reference)),
            Target::Runbook => match name(reference) {
                Some("run_id") => {
                    Some(state.run.as_ref().map_or_else(no_run, |run| Value::string(run.clone())))
                }
                _ => Some(Value::from(state.runbook(ModuleId::ROOT).name.as_str())),
            },
            Target::This => self.this.cloned(),
            Target::Each => match (&self.each, name(reference)) {
                (Each::Key(key, _), Some("key")) => Some(key.clone()),
                (Each::Key(_, value), _) => Some(value.clone()),
                _ => None,
            },
            Target::Count => match &self.each {
                Each::Index(index) => Some(index.clone()),
                _ => None,
            },
            Target::Step(_) | Target::Module(_) => None,
        }
    }

    /// Paths are from the directory of the runbook itself, where relative ones start in all its modules.
    fn path(&self, reference: &Reference) -> Value {
        let directory = |module| &self.state.runbook(module).directory;
        let path = match name(reference) {
            Some("cwd") => std::env::current_dir().unwrap_or_default(),
            Some("root") => ".".into(),
            _ => module_path(directory(ModuleId::ROOT), directory(self.module)),
        };
        Value::string(path.to_string_lossy())
    }

    /// A step, or all of its instances.
    fn step(&self, index: usize, used: usize) -> Resolved<'a> {
        let slots = &self.state.known(self.module).steps[index];
        let meaning = match slots {
            Slots::Only(_) => {
                Meaning::One(self.state.step(self.module, index, &Instance::Only).unwrap_or(Value::NULL))
            }
            _ => Meaning::Many(Box::new(Steps { state: self.state, module: self.module, index })),
        };
        Resolved { meaning, used }
    }

    /// A module or one of its outputs, or all of its instances.
    fn module(&self, index: usize, reference: &Reference, used: usize) -> Resolved<'a> {
        let (state, module) = (self.state, self.module);
        let many = || Meaning::Many(Box::new(Uses { state, module, index }));
        let Slots::Only(Some(id)) = &state.known(module).modules[index] else {
            return Resolved { meaning: many(), used };
        };
        let name = reference.path.get(used).and_then(Segment::name);
        let outputs = &state.runbook(*id).outputs;
        match name.and_then(|name| outputs.iter().position(|output| output.name.value == *name)) {
            Some(output) => Resolved { meaning: Meaning::One(state.output(*id, output)), used: used + 1 },
            None => Resolved { meaning: Meaning::One(state.module(*id)), used },
        }
    }
}

fn name(reference: &Reference) -> Option<&str> {
    reference.path.first().and_then(Segment::name).map(AsRef::as_ref)
}

/// The name of a run that has not begun.
fn no_run() -> Value {
    Value::unknown(Type::String, Origins::default()).not_null()
}

impl Scope for Site<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let (target, used) = self.state.runbook(self.module).names.resolve(reference)?;
        Ok(match target {
            Target::Step(index) => self.step(index, used),
            Target::Module(index) => self.module(index, reference, used),
            _ => {
                let later = || Value::unknown(Type::Any, Origins::of(reference.to_string()));
                Resolved::one(self.constant(target, reference).unwrap_or_else(later), used)
            }
        })
    }

    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        reference_error(self.state.runbook(self.module), reference)
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.state.known(self.module).files, self.state.clock)
    }
}

/// All instances of a step.
struct Steps<'a> {
    state: &'a State,
    module: ModuleId,
    index: usize,
}

impl Instances for Steps<'_> {
    fn one(&self, key: &Value) -> Option<Value> {
        self.state.step(self.module, self.index, &Instance::of(key)?)
    }

    fn all(&self) -> Value {
        self.state.whole_step(self.module, self.index)
    }
}

/// All instances of a module.
struct Uses<'a> {
    state: &'a State,
    module: ModuleId,
    index: usize,
}

impl Instances for Uses<'_> {
    fn one(&self, key: &Value) -> Option<Value> {
        let slot = self.state.known(self.module).modules[self.index].get(&Instance::of(key)?)?;
        Some(self.state.module((*slot)?))
    }

    fn all(&self) -> Value {
        self.state.whole_module(self.module, self.index)
    }
}
