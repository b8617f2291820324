//! Resolves names within one part of a runbook.

use std::path::Path;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::expression::functions;
use crate::expression::{InstanceScope, Meaning, Resolved, Scope, WhyNothing};
use crate::graph::{Instance, Item, ModuleId, Node, Repeated, User};
use crate::runbook::{Target, reference_error};
use crate::source::slashed;
use crate::syntax::{Expression, Reference, Segment};
use crate::value::{Data, Origins, RUN, Type, Value};

use super::State;
use super::instance_map::{InstanceMap, Later};
use super::provenance::{Standing, given_by};
use super::state::module_path;
use super::why_nothing::why_nothing;

/// The scope of one instance of a step or module, or of another part of a runbook.
#[derive(Clone)]
pub struct EvalScope<'a> {
    pub(super) state: &'a State,
    /// The module instance.
    pub module: ModuleId,
    /// The block that contains the expression.
    block: Option<Repeated>,
    each: Each,
    pub(super) this: Option<&'a Value>,
    /// True if the part is evaluated even after a failure of the steps that it reads, as cleanup is.
    doubts: bool,
}

/// The values of `each` and `count`.
#[derive(Clone)]
enum Each {
    Nothing,
    Index(Value),
    Key(Value, Value),
}

impl<'a> EvalScope<'a> {
    pub(super) fn new(state: &'a State, module: ModuleId) -> Self {
        Self { state, module, block: None, each: Each::Nothing, this: None, doubts: false }
    }

    /// Sets `each`, `count` and `self` for an instance of `block`, whose instances are `slots`.
    pub(super) fn instance<T>(
        mut self,
        block: Repeated,
        slots: &InstanceMap<T>,
        instance: &Instance,
    ) -> Self {
        self.block = Some(block);
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

    /// Replaces `each.value`, in an instance with a key.
    pub(super) fn with_each_value(mut self, value: Value) -> Self {
        if let Each::Key(_, each) = &mut self.each {
            *each = value;
        }
        self
    }

    /// Returns the instance with the key of `each.key`; none if there is no key or it is not known.
    pub(super) fn key(&self) -> Option<Instance> {
        match &self.each {
            Each::Key(key, _) => Instance::of(key),
            _ => None,
        }
    }

    /// Returns the key of this instance, and the `for_each` expression that contains its `each.value`.
    pub(super) fn each_source(&self) -> Option<(Arc<str>, &'a Expression)> {
        let Each::Key(key, _) = &self.each else { return None };
        let Data::String(key) = key.data() else { return None };
        let runbook = self.state.runbook(self.module);
        let repetition = match self.block? {
            Repeated::Step(index) => &runbook.steps[index].repetition,
            Repeated::Module(index) => &runbook.modules[index].repetition,
        };
        Some((key.clone(), repetition.as_ref()?.expression()))
    }

    /// Sets the value of `self`.
    #[must_use]
    pub fn with_self(mut self, value: &'a Value) -> Self {
        self.this = Some(value);
        self
    }

    /// Treats results of steps that may fail as unknown.
    #[must_use]
    pub(super) fn doubting(mut self) -> Self {
        self.doubts = true;
        self
    }

    /// Resolves a variable, a local value or another constant; if it is doubtful, to an unknown value.
    fn doubted(&self, target: Target, reference: &Reference) -> Option<Value> {
        let is_doubtful = match target {
            Target::Variable(index) => self.state.is_doubtful(self.module, Item::Variable(index)),
            Target::Local(index) => self.state.is_doubtful(self.module, Item::Local(index)),
            _ => false,
        };
        let value = self.constant(target, reference)?;
        // The name of a local value has no meaning: a review compares what plans say.
        let of_local = || "a local value".to_owned();
        let origin = || if matches!(target, Target::Local(_)) { of_local() } else { reference.to_string() };
        Some(if self.doubts && is_doubtful { doubtful(&value, &origin()) } else { value })
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
            Target::Step(_) | Target::Module(_) | Target::Identity(_) => None,
        }
    }

    /// Returns the root runbook's directory, the base of relative paths.
    pub(super) fn directory(&self) -> &Path {
        &self.state.runbook(ModuleId::ROOT).directory
    }

    /// Resolves `path.*`, relative to the root runbook's directory in all modules.
    fn path(&self, reference: &Reference) -> Value {
        let directory = |module| &self.state.runbook(module).directory;
        let path = match name(reference) {
            Some("cwd") if self.state.clock.is_review() => {
                return Value::unknown(Type::String, Origins::of("path.cwd")).not_null();
            }
            Some("cwd") => std::env::current_dir().unwrap_or_default(),
            Some("root") => ".".into(),
            _ => module_path(directory(ModuleId::ROOT), directory(self.module)),
        };
        Value::string(slashed(&path))
    }

    /// Resolves a step, or all its instances.
    fn step(&self, index: usize, used: usize) -> Resolved<'a> {
        let (state, module) = (self.state, self.module);
        let steps = Steps {
            state,
            module,
            index,
            doubts: self.doubts && state.is_doubtful(module, Item::Step(index)),
        };
        let meaning = match &state.known(module).steps[index] {
            InstanceMap::Only(_) => Meaning::One(steps.get(&Instance::Only).unwrap_or(Value::NULL)),
            _ => Meaning::Many(Box::new(steps)),
        };
        Resolved { meaning, used }
    }

    /// Resolves a module, one of its outputs, or all its instances.
    fn module(&self, index: usize, reference: &Reference, used: usize) -> Resolved<'a> {
        let (state, module, doubts) = (self.state, self.module, self.doubts);
        let all = Uses { state, module, index, doubts };
        let InstanceMap::Only(Some(id)) = &state.known(module).modules[index] else {
            return Resolved { meaning: Meaning::Many(Box::new(all)), used };
        };
        let name = reference.path.get(used).and_then(Segment::name);
        let outputs = &state.runbook(*id).outputs;
        match name.and_then(|name| outputs.iter().position(|output| output.name.value == *name)) {
            Some(output) => Resolved { meaning: Meaning::One(all.output(*id, output)), used: used + 1 },
            None => Resolved { meaning: Meaning::One(all.whole(*id, || state.module(*id))), used },
        }
    }
}

impl State {
    /// Returns the scope of a part of a module that is not repeated.
    #[must_use]
    pub fn scope(&self, module: ModuleId) -> EvalScope<'_> {
        EvalScope::new(self, module)
    }

    /// Returns the scope of an instance of a step.
    #[must_use]
    pub fn step_scope(&self, module: ModuleId, step: usize, instance: &Instance) -> EvalScope<'_> {
        let slots = &self.known(module).steps[step];
        let scope = EvalScope::new(self, module).instance(Repeated::Step(step), slots, instance);
        let cleans_up = self.runbook(module).steps[step].control.run_on.is_cleanup();
        let scope = if cleans_up { scope.doubting() } else { scope };
        let Instance::Key(_) = instance else { return scope };
        let Some(other) = self.runbook(module).follows(step) else { return scope };
        // The result of the followed step may be known by now.
        match self.step(module, other, instance) {
            Some(value) if cleans_up && self.is_doubtful(module, Item::Step(other)) => {
                let node = Node::Item { module, item: Item::Step(other), instance: instance.clone() };
                scope.with_each_value(doubtful(&value, &self.modules.address(&node)))
            }
            Some(value) => scope.with_each_value(value),
            None => scope,
        }
    }

    /// Returns the scope of the arguments of a module instance.
    #[must_use]
    pub fn module_scope(&self, user: &User) -> EvalScope<'_> {
        let slots = &self.known(user.module).modules[user.block];
        EvalScope::new(self, user.module).instance(Repeated::Module(user.block), slots, &user.instance)
    }
}

/// Returns an unknown value in place of one that a failure may still turn into null; a null stays.
fn doubtful(value: &Value, address: &str) -> Value {
    if value.is_null() {
        return value.clone();
    }
    Value::unknown(value.ty(), Origins::of(address)).with_marks(&value.deep_marks())
}

fn name(reference: &Reference) -> Option<&str> {
    reference.path.first().and_then(Segment::name).map(AsRef::as_ref)
}

/// Returns the unknown name of a run that has not begun.
fn no_run() -> Value {
    Value::unknown(Type::String, Origins::of(RUN)).not_null()
}

impl Scope for EvalScope<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        let (target, used) = self.state.runbook(self.module).names.resolve(reference)?;
        Ok(match target {
            Target::Step(index) => self.step(index, used),
            Target::Module(index) => self.module(index, reference, used),
            _ => {
                let later = || Value::unknown(Type::Any, Origins::of(reference.to_string()));
                Resolved::one(self.doubted(target, reference).unwrap_or_else(later), used)
            }
        })
    }

    fn check(&self, reference: &Reference) -> Option<Diagnostic> {
        reference_error(self.state.runbook(self.module), reference)
    }

    fn given_by(&self, reference: &Reference) -> Option<String> {
        given_by(self.state, Standing { module: self.module, block: self.block }, reference)
    }

    fn why_nothing(&self, reference: &Reference) -> Option<WhyNothing> {
        why_nothing(self, reference)
    }

    fn functions(&self) -> functions::Context<'_> {
        functions::Context::new(&self.state.known(self.module).files, self.state.clock)
    }
}

/// The instances of a step.
struct Steps<'a> {
    state: &'a State,
    module: ModuleId,
    index: usize,
    doubts: bool,
}

impl Steps<'_> {
    fn get(&self, instance: &Instance) -> Option<Value> {
        let object = self.state.step(self.module, self.index, instance)?;
        match object.data() {
            Data::Object(entries) if self.doubts => {
                let item = Item::Step(self.index);
                let node = Node::Item { module: self.module, item, instance: instance.clone() };
                let address = self.state.modules.address(&node);
                let entries = entries.iter().map(|(name, value)| (name.clone(), doubtful(value, &address)));
                Some(Value::object(entries).with_marks(object.marks()))
            }
            _ => Some(object),
        }
    }
}

impl InstanceScope for Steps<'_> {
    fn one(&self, key: &Value) -> Option<Value> {
        self.get(&Instance::of(key)?)
    }

    fn all(&self) -> Value {
        let all = self.state.whole_step(self.module, self.index);
        if self.doubts {
            doubtful(&all, &self.state.address(self.module, Item::Step(self.index)))
        } else {
            all
        }
    }
}

/// The instances of a module.
struct Uses<'a> {
    state: &'a State,
    module: ModuleId,
    index: usize,
    doubts: bool,
}

impl Uses<'_> {
    /// Returns one output of a module instance.
    fn output(&self, id: ModuleId, index: usize) -> Value {
        let value = self.state.output(id, index);
        if self.doubts && self.state.is_doubtful(id, Item::Output(index)) {
            return doubtful(&value, &self.address());
        }
        value
    }

    /// Returns the value made of all outputs of a module instance; unknown if one of them is doubtful.
    fn whole(&self, id: ModuleId, value: impl FnOnce() -> Value) -> Value {
        let mut outputs = 0..self.state.runbook(id).outputs.len();
        if self.doubts && outputs.any(|output| self.state.is_doubtful(id, Item::Output(output))) {
            return doubtful(&value(), &self.address());
        }
        value()
    }

    fn address(&self) -> String {
        self.state.address(self.module, Item::Open(Repeated::Module(self.index)))
    }
}

impl InstanceScope for Uses<'_> {
    fn one(&self, key: &Value) -> Option<Value> {
        let slot = self.state.known(self.module).modules[self.index].get(&Instance::of(key)?)?;
        let id = (*slot)?;
        Some(self.whole(id, || self.state.module(id)))
    }

    fn all(&self) -> Value {
        let all = || self.state.whole_module(self.module, self.index);
        match self.state.any_module(self.module, self.index) {
            Some(id) => self.whole(id, all),
            None => all(),
        }
    }
}
