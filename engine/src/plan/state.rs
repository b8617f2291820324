//! What is known so far.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::expression::functions::{Clock, Files};
use crate::graph::{Block, Instance, Item, ModuleId, Modules, Node, Repeated, User};
use crate::runbook::{Output, Runbook, Variables};
use crate::value::{Origins, Type, Value};

use super::eval_scope::doubtful;
use super::{EvalScope, InstanceMap, Instances, When};

/// What is known of the runbook and of each instance of its modules.
#[derive(Clone)]
pub struct State {
    /// The instances of modules.
    pub modules: Modules,
    pub(super) clock: Clock,
    /// The name of the run; a plan has none.
    pub(super) run: Option<Arc<str>>,
    /// Whether it is of what was planned, while that is done.
    is_running: bool,
    known: Vec<Known>,
    /// What comes to nothing when a step before it fails; nothing counts as such while running, when it is known what
    /// failed.
    after_steps: Arc<HashSet<Block>>,
    /// Of the modules that came about while running, the template that the plan has for each.
    templates: HashMap<ModuleId, ModuleId>,
    /// For each variable of the runbook, by what it was given from outside.
    given_by: Arc<[Option<Arc<str>>]>,
}

/// The path of a module's directory from that of the runbook itself.
pub(super) fn module_path(root: &Path, directory: &Path) -> PathBuf {
    match directory.strip_prefix(root) {
        Ok(path) if path.as_os_str().is_empty() => ".".into(),
        Ok(path) => path.to_owned(),
        Err(_) => directory.to_owned(),
    }
}

/// What is known of one instance of a module, in the order of its runbook.
#[derive(Clone)]
pub(super) struct Known {
    pub files: Files,
    /// Whether what is in it is done.
    pub when: When,
    pub variables: Vec<Option<Value>>,
    pub locals: Vec<Option<Value>>,
    pub outputs: Vec<Option<Value>>,
    pub steps: Vec<InstanceMap<Value>>,
    pub modules: Vec<InstanceMap<ModuleId>>,
    /// For each step that there may be many of, the value of all together once it was asked for.
    whole: RefCell<HashMap<usize, Value>>,
}

impl Known {
    fn nothing(runbook: &Runbook, files: Files) -> Self {
        let slots = |repeated: bool| if repeated { InstanceMap::Open(None) } else { InstanceMap::Only(None) };
        let steps = runbook.steps.iter().map(|step| slots(step.repetition.is_some()));
        let modules = runbook.modules.iter().map(|module| match module.repetition {
            Some(_) => InstanceMap::Open(None),
            None => InstanceMap::Only(None),
        });
        Self {
            files,
            when: When::Yes,
            variables: vec![None; runbook.variables.len()],
            locals: vec![None; runbook.locals.len()],
            outputs: vec![None; runbook.outputs.len()],
            steps: steps.collect(),
            modules: modules.collect(),
            whole: RefCell::default(),
        }
    }

    /// The same instances, with nothing known of them.
    fn forget(&mut self) {
        self.locals.fill(None);
        self.outputs.fill(None);
        for slots in &mut self.steps {
            match slots {
                InstanceMap::Open(_) => {}
                InstanceMap::Only(value) => *value = None,
                InstanceMap::Count(values) => values.fill(None),
                InstanceMap::Each(values) => values.values_mut().for_each(|(_, value)| *value = None),
            }
        }
        self.whole.take();
    }
}

impl State {
    /// Only the variables of the runbook are known.
    #[must_use]
    pub fn new(
        runbook: &Arc<Runbook>,
        variables: Variables,
        clock: Clock,
        after_steps: Arc<HashSet<Block>>,
    ) -> Self {
        let mut root = Known::nothing(runbook, Files::new(&runbook.directory));
        root.variables = variables.values.into_iter().map(Some).collect();
        Self {
            modules: Modules::new(runbook.clone()),
            clock,
            run: None,
            is_running: false,
            known: vec![root],
            after_steps,
            templates: HashMap::new(),
            given_by: variables.given_by.into(),
        }
    }

    /// Whether any variable of the runbook was given from outside.
    pub(super) fn is_any_given(&self) -> bool {
        self.given_by.iter().any(Option::is_some)
    }

    /// By what the value of a variable of the runbook was given from outside.
    #[must_use]
    pub fn given_by(&self, variable: usize) -> Option<&str> {
        self.given_by.get(variable)?.as_deref()
    }

    /// The state that a run of what was planned begins with: the same instances, of which nothing is known.
    ///
    /// One without a name only looks: what differs from one evaluation to the next stays unknown, as in the plan.
    #[must_use]
    pub fn begin(&self, run: Option<&str>) -> Self {
        let mut state = self.clone();
        state.is_running = true;
        if run.is_some() {
            state.clock = self.clock.run();
            state.after_steps = Arc::default();
        }
        state.run = run.map(Into::into);
        for (id, module) in self.modules.iter() {
            let known = &mut state.known[id.index()];
            known.forget();
            if module.user.is_some() {
                known.variables.fill(None);
            }
        }
        state
    }

    /// The runbook of a module.
    #[must_use]
    pub fn runbook(&self, module: ModuleId) -> &Arc<Runbook> {
        &self.modules.get(module).runbook
    }

    /// The files that were read so far, in order.
    #[must_use]
    pub fn files_read(&self) -> Vec<String> {
        self.known[0].files.read()
    }

    pub(super) fn known(&self, module: ModuleId) -> &Known {
        &self.known[module.index()]
    }

    fn known_mut(&mut self, module: ModuleId) -> &mut Known {
        &mut self.known[module.index()]
    }

    /// Adds an instance of a module, of which nothing is known.
    pub(super) fn add_module(&mut self, user: &User, place: usize) -> ModuleId {
        // The modules of the plan are their own templates.
        let template = self.is_running.then(|| self.template_of(user)).flatten();
        let id = self.modules.add(user.clone(), place);
        let runbook = self.modules.get(id).runbook.clone();
        let files =
            self.known[0].files.and(module_path(&self.runbook(ModuleId::ROOT).directory, &runbook.directory));
        self.known.push(Known::nothing(&runbook, files));
        self.templates.extend(template.map(|template| (id, template)));
        self.known_mut(user.module).modules[user.block].set(&user.instance, id);
        id
    }

    /// The module of the plan that stands for one that comes about while running.
    fn template_of(&self, user: &User) -> Option<ModuleId> {
        let around = self.templates.get(&user.module).copied().unwrap_or(user.module);
        let is_used = |id: &ModuleId, instance: &Instance| {
            self.modules.get(*id).user.as_ref().is_some_and(|other| {
                other.module == around && other.block == user.block && other.instance == *instance
            })
        };
        let all = || self.modules.iter().map(|(id, _)| id);
        let other_than_itself = around != user.module;
        all()
            .find(|id| other_than_itself && is_used(id, &user.instance))
            .or_else(|| all().find(|id| is_used(id, &Instance::Each)))
    }

    /// The node of the plan that a node which came about while running is an instance of; the most exact first.
    #[must_use]
    pub fn planned_as(&self, node: &Node) -> Vec<Node> {
        let Node::Item { module, item, instance } = node else { return vec![node.clone()] };
        let module = self.templates.get(module).copied().unwrap_or(*module);
        let as_instance = |instance| Node::Item { module, item: *item, instance };
        vec![as_instance(instance.clone()), as_instance(Instance::Each)]
    }

    /// Whether what is in a module is done.
    #[must_use]
    pub fn when(&self, module: ModuleId) -> &When {
        &self.known(module).when
    }

    pub(super) fn set_when(&mut self, module: ModuleId, when: When) {
        self.known_mut(module).when = when;
    }

    /// Says that a block has no instances, since their number cannot be had.
    pub fn close(&mut self, module: ModuleId, block: Repeated) {
        let known = self.known_mut(module);
        match block {
            Repeated::Step(index) if matches!(known.steps[index], InstanceMap::Open(_)) => {
                known.steps[index] = InstanceMap::Each(BTreeMap::new());
                known.whole.get_mut().remove(&index);
            }
            Repeated::Module(index) if matches!(known.modules[index], InstanceMap::Open(_)) => {
                known.modules[index] = InstanceMap::Each(BTreeMap::new());
            }
            _ => {}
        }
    }

    /// Says how many instances of a step there are.
    pub(super) fn set_step_slots(&mut self, module: ModuleId, step: usize, slots: InstanceMap<Value>) {
        self.known_mut(module).steps[step] = slots;
    }

    /// Says how many instances of a module there are.
    pub(super) fn set_module_slots(&mut self, module: ModuleId, block: usize, slots: InstanceMap<ModuleId>) {
        self.known_mut(module).modules[block] = slots;
    }

    /// Whether what `each.value` is in some instance of a block was not all known when the instances were made.
    #[must_use]
    pub fn has_unknown_values(&self, module: ModuleId, block: Repeated) -> bool {
        let known = self.known(module);
        match block {
            Repeated::Step(index) => known.steps[index].has_unknown_values(),
            Repeated::Module(index) => known.modules[index].has_unknown_values(),
        }
    }

    /// Says what `each.value` is in the instances of a block, now that it is known.
    pub fn refresh(&mut self, module: ModuleId, block: Repeated, instances: Instances) {
        let known = self.known_mut(module);
        match (block, instances) {
            (Repeated::Step(index), Instances::Steps(slots)) => known.steps[index].refresh(slots),
            (Repeated::Module(index), Instances::Modules(slots)) => known.modules[index].refresh(slots),
            _ => {}
        }
    }

    /// Whether the number of instances of a block is known.
    #[must_use]
    pub fn is_expanded(&self, module: ModuleId, block: Repeated) -> bool {
        let known = self.known(module);
        match block {
            Repeated::Step(index) => !matches!(known.steps[index], InstanceMap::Open(_)),
            Repeated::Module(index) => !matches!(known.modules[index], InstanceMap::Open(_)),
        }
    }

    /// The values of a variable, a local value or an output.
    pub fn set(&mut self, module: ModuleId, item: Item, value: Value) {
        let known = self.known_mut(module);
        match item {
            Item::Variable(index) => known.variables[index] = Some(value),
            Item::Local(index) => known.locals[index] = Some(value),
            Item::Output(index) => known.outputs[index] = Some(value),
            _ => {}
        }
    }

    /// Says what an instance of a step gave.
    pub fn set_step(&mut self, module: ModuleId, step: usize, instance: &Instance, value: Value) {
        let known = self.known_mut(module);
        known.steps[step].set(instance, value);
        known.whole.get_mut().remove(&step);
    }

    /// Lets go of what a step gave that there is one of.
    pub fn forget_step(&mut self, module: ModuleId, step: usize) {
        self.known_mut(module).steps[step] = InstanceMap::Only(None);
    }

    /// The values of the runbook's variables, in its order.
    #[must_use]
    pub fn variables(&self) -> Vec<Value> {
        let values = self.known[0].variables.iter();
        values.map(|value| value.clone().unwrap_or(Value::NULL)).collect()
    }

    /// The values of the runbook's variables with where they came from, to plan with once more.
    #[must_use]
    pub fn given(&self) -> Variables {
        Variables { values: self.variables(), given_by: self.given_by.to_vec() }
    }

    /// What names mean in a part of a module that there is one of.
    #[must_use]
    pub fn scope(&self, module: ModuleId) -> EvalScope<'_> {
        EvalScope::new(self, module)
    }

    /// What names mean in an instance of a step.
    #[must_use]
    pub fn step_scope(&self, module: ModuleId, step: usize, instance: &Instance) -> EvalScope<'_> {
        let scope = EvalScope::new(self, module).instance(&self.known(module).steps[step], instance);
        let cleans_up = self.runbook(module).steps[step].control.run_on.is_cleanup();
        let scope = if cleans_up { scope.doubting() } else { scope };
        let Instance::Key(_) = instance else { return scope };
        let Some(other) = self.runbook(module).follows(step) else { return scope };
        // What the other one gave may be known by now.
        match self.step(module, other, instance) {
            Some(value) if cleans_up && self.is_doubtful(module, Item::Step(other)) => {
                let node = Node::Item { module, item: Item::Step(other), instance: instance.clone() };
                scope.with_each_value(doubtful(&value, &self.modules.address(&node)))
            }
            Some(value) => scope.with_each_value(value),
            None => scope,
        }
    }

    /// Whether a part of a module comes to nothing when a step before it fails, as may still happen.
    pub(super) fn is_doubtful(&self, module: ModuleId, item: Item) -> bool {
        self.after_steps.contains(&Block { place: self.modules.get(module).place, item })
    }

    /// What names mean in the arguments of an instance of a module.
    #[must_use]
    pub fn module_scope(&self, user: &User) -> EvalScope<'_> {
        EvalScope::new(self, user.module)
            .instance(&self.known(user.module).modules[user.block], &user.instance)
    }

    /// What an instance of a step gave, as far as it is known.
    pub(super) fn step(&self, module: ModuleId, step: usize, instance: &Instance) -> Option<Value> {
        let slot = self.known(module).steps[step].get(instance)?;
        Some(slot.clone().unwrap_or_else(|| self.later(module, Item::Step(step), instance)))
    }

    /// What all instances of a step gave, as far as it is known.
    pub(super) fn whole_step(&self, module: ModuleId, step: usize) -> Value {
        let known = self.known(module);
        if let Some(value) = known.whole.borrow().get(&step) {
            return value.clone();
        }
        let get = |instance: &Instance| self.step(module, step, instance).unwrap_or(Value::NULL);
        let value = self.whole(&known.steps[step], get, module, Repeated::Step(step));
        known.whole.borrow_mut().insert(step, value.clone());
        value
    }

    /// One of the modules that a block of `module` makes: they are all written alike.
    pub(super) fn any_module(&self, module: ModuleId, block: usize) -> Option<ModuleId> {
        let is_of = |user: &User| user.module == module && user.block == block;
        self.modules.iter().find(|(_, other)| other.user.as_ref().is_some_and(is_of)).map(|(id, _)| id)
    }

    /// What an instance of a module gives: its outputs by name.
    pub(super) fn module(&self, id: ModuleId) -> Value {
        let runbook = self.runbook(id);
        if runbook.files.is_empty() {
            // It could not be read; nobody complains of what it does not give.
            return Value::unknown(Type::Any, Origins::default());
        }
        let outputs = &runbook.outputs;
        Value::object(
            outputs.iter().enumerate().map(|(at, output)| (output.name.value.clone(), self.output(id, at))),
        )
    }

    /// What an output of a module gives, as far as it is known.
    pub(super) fn output(&self, module: ModuleId, index: usize) -> Value {
        let output: &Output = &self.runbook(module).outputs[index];
        let known = self.known(module).outputs[index].clone();
        let value = known.unwrap_or_else(|| self.later(module, Item::Output(index), &Instance::Only));
        let address = || self.address(module, Item::Output(index));
        value.with_marks(&output.secrecy.marks(address))
    }

    /// What all instances of a module give.
    pub(super) fn whole_module(&self, module: ModuleId, block: usize) -> Value {
        let slots = &self.known(module).modules[block];
        let get = |instance: &Instance| match slots.get(instance) {
            Some(Some(id)) => self.module(*id),
            _ => self.later(module, Item::Open(Repeated::Module(block)), instance),
        };
        self.whole(slots, get, module, Repeated::Module(block))
    }

    fn whole<T>(
        &self,
        slots: &InstanceMap<T>,
        get: impl Fn(&Instance) -> Value,
        module: ModuleId,
        block: Repeated,
    ) -> Value {
        let instances = slots.instances();
        match slots {
            InstanceMap::Open(Some(later)) => Value::unknown(Type::Any, later.origins.clone()),
            InstanceMap::Open(None) => self.later(module, Item::Open(block), &Instance::Only),
            InstanceMap::Only(_) => get(&Instance::Only),
            InstanceMap::Count(_) => Value::tuple(instances.iter().map(get)),
            InstanceMap::Each(slots) => {
                Value::object(slots.keys().cloned().zip(instances.iter()).map(|(key, at)| (key, get(at))))
            }
        }
    }

    /// What stands for a value that is not there yet.
    pub(super) fn later(&self, module: ModuleId, item: Item, instance: &Instance) -> Value {
        let address = self.modules.address(&Node::Item { module, item, instance: instance.clone() });
        Value::unknown(Type::Any, Origins::of(address))
    }

    pub(super) fn address(&self, module: ModuleId, item: Item) -> String {
        self.modules.address(&Node::only(module, item))
    }
}
