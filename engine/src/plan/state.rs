//! Holds the values known so far.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::expression::functions::{Clock, Files};
use crate::graph::{Acting, Block, Instance, Item, ModuleId, Modules, Node, Repeated, User};
use crate::runbook::{Runbook, Variables};
use crate::value::Value;

mod results;

use super::EvaluatedIdentity;
use super::control::When;
use super::found_nothing::FoundNothing;
use super::instance_map::{InstanceMap, Instances};

/// The known values of the runbook and of each instance of its modules.
#[derive(Clone)]
pub struct State {
    /// The instances of modules.
    pub modules: Modules,
    pub(super) clock: Clock,
    /// The name of the run; none in a plan.
    pub(super) run: Option<Arc<str>>,
    /// True while a plan runs.
    is_running: bool,
    known: Vec<Known>,
    /// The blocks that become null if a step before them fails. Empty while running, when failures are known.
    after_steps: Arc<HashSet<Block>>,
    /// For each module instance added while running, its placeholder in the plan.
    templates: HashMap<ModuleId, ModuleId>,
    /// For each variable of the runbook, the external source of its value, if any.
    given_by: Arc<[Option<Arc<str>>]>,
    /// Why queries of steps found nothing.
    pub(super) nothing: FoundNothing,
}

/// Returns the path of a module's directory, relative to that of the root runbook.
pub(super) fn module_path(root: &Path, directory: &Path) -> PathBuf {
    match directory.strip_prefix(root) {
        Ok(path) if path.as_os_str().is_empty() => ".".into(),
        Ok(path) => path.to_owned(),
        Err(_) => directory.to_owned(),
    }
}

/// The known values of one module instance, in the order of its runbook.
#[derive(Clone)]
pub(super) struct Known {
    pub files: Files,
    /// The `when` condition of the module.
    pub when: When,
    pub variables: Vec<Option<Value>>,
    pub locals: Vec<Option<Value>>,
    pub identities: Vec<Option<EvaluatedIdentity>>,
    pub outputs: Vec<Option<Value>>,
    pub steps: Vec<InstanceMap<Value>>,
    pub modules: Vec<InstanceMap<ModuleId>>,
    /// The collected value of each repeated step, cached on first use.
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
            identities: vec![None; runbook.identities.len()],
            outputs: vec![None; runbook.outputs.len()],
            steps: steps.collect(),
            modules: modules.collect(),
            whole: RefCell::default(),
        }
    }

    /// Clears the known values; the instances stay.
    fn forget(&mut self) {
        self.locals.fill(None);
        self.identities.fill(None);
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
    /// Returns a state in which only the variables of the runbook are known.
    #[must_use]
    pub fn new(
        runbook: &Arc<Runbook>,
        variables: Variables,
        clock: Clock,
        after_steps: Arc<HashSet<Block>>,
    ) -> Self {
        let mut root = Known::nothing(runbook, Files::of(runbook.file_system.clone(), &runbook.directory));
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
            nothing: FoundNothing::default(),
        }
    }

    /// Returns true if any variable of the runbook has a value from outside.
    pub(super) fn is_any_given(&self) -> bool {
        self.given_by.iter().any(Option::is_some)
    }

    /// Returns the external source of a runbook variable's value, if any.
    #[must_use]
    pub fn given_by(&self, variable: usize) -> Option<&str> {
        self.given_by.get(variable)?.as_deref()
    }

    /// Returns the initial state of a run of the plan: the same instances, with no known values.
    ///
    /// Without a name, the run is a refresh: volatile values stay unknown, as in the plan.
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

    /// Returns the runbook of a module.
    #[must_use]
    pub fn runbook(&self, module: ModuleId) -> &Arc<Runbook> {
        &self.modules.get(module).runbook
    }

    /// Returns the files read so far, in order.
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

    /// Adds an instance of a module, with no known values.
    pub(super) fn add_module(&mut self, user: &User, place: usize) -> ModuleId {
        // The modules of the plan are their own placeholders.
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

    /// Returns the plan's placeholder of a module that is added while running.
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

    /// Returns the plan's placeholder nodes of a node added while running, the most specific first.
    #[must_use]
    pub fn planned_as(&self, node: &Node) -> Vec<Node> {
        let Node::Item { module, item, instance } = node else { return vec![node.clone()] };
        let module = self.planned_module(*module);
        let as_instance = |instance| Node::Item { module, item: *item, instance };
        vec![as_instance(instance.clone()), as_instance(Instance::Each)]
    }

    /// Returns the plan's placeholder of a module, which is the module itself unless it was added while running.
    fn planned_module(&self, module: ModuleId) -> ModuleId {
        self.templates.get(&module).copied().unwrap_or(module)
    }

    /// Returns the identity of the plan that stands for one of a module added while running.
    #[must_use]
    pub fn planned_acting(&self, acting: Acting) -> Acting {
        match acting {
            Acting::Machine => Acting::Machine,
            Acting::Declared { module, index } => {
                Acting::Declared { module: self.planned_module(module), index }
            }
        }
    }

    /// Returns the `when` condition of a module.
    #[must_use]
    pub fn when(&self, module: ModuleId) -> &When {
        &self.known(module).when
    }

    pub(super) fn set_when(&mut self, module: ModuleId, when: When) {
        self.known_mut(module).when = when;
    }

    /// Sets the instances of a block to none, after an error in their evaluation.
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

    pub(super) fn set_step_slots(&mut self, module: ModuleId, step: usize, slots: InstanceMap<Value>) {
        self.known_mut(module).steps[step] = slots;
    }

    pub(super) fn set_module_slots(&mut self, module: ModuleId, block: usize, slots: InstanceMap<ModuleId>) {
        self.known_mut(module).modules[block] = slots;
    }

    /// Returns true if some `each.value` of a block was not wholly known when its instances were made.
    #[must_use]
    pub fn has_unknown_values(&self, module: ModuleId, block: Repeated) -> bool {
        let known = self.known(module);
        match block {
            Repeated::Step(index) => known.steps[index].has_unknown_values(),
            Repeated::Module(index) => known.modules[index].has_unknown_values(),
        }
    }

    /// Updates `each.value` of the instances of a block, now that it is known.
    pub fn refresh(&mut self, module: ModuleId, block: Repeated, instances: Instances) {
        let known = self.known_mut(module);
        match (block, instances) {
            (Repeated::Step(index), Instances::Steps(slots)) => known.steps[index].refresh(slots),
            (Repeated::Module(index), Instances::Modules(slots)) => known.modules[index].refresh(slots),
            _ => {}
        }
    }

    /// Returns true if the number of instances of a block is known.
    #[must_use]
    pub fn is_expanded(&self, module: ModuleId, block: Repeated) -> bool {
        let known = self.known(module);
        match block {
            Repeated::Step(index) => !matches!(known.steps[index], InstanceMap::Open(_)),
            Repeated::Module(index) => !matches!(known.modules[index], InstanceMap::Open(_)),
        }
    }

    /// Returns an identity, if it is evaluated.
    #[must_use]
    pub fn identity(&self, module: ModuleId, index: usize) -> Option<&EvaluatedIdentity> {
        self.known(module).identities[index].as_ref()
    }

    /// Sets an identity; none if its module does not run.
    pub fn set_identity(&mut self, module: ModuleId, index: usize, identity: Option<EvaluatedIdentity>) {
        self.known_mut(module).identities[index] = identity;
    }

    /// Sets the value of a variable, a local value or an output.
    pub fn set(&mut self, module: ModuleId, item: Item, value: Value) {
        let known = self.known_mut(module);
        match item {
            Item::Variable(index) => known.variables[index] = Some(value),
            Item::Local(index) => known.locals[index] = Some(value),
            Item::Output(index) => known.outputs[index] = Some(value),
            _ => {}
        }
    }

    /// Stores the result of an instance of a step.
    pub(super) fn store_step(&mut self, module: ModuleId, step: usize, instance: &Instance, value: Value) {
        let known = self.known_mut(module);
        known.steps[step].set(instance, value);
        known.whole.get_mut().remove(&step);
    }

    /// Drops the result of a step without repetition, to free its memory.
    pub fn forget_step(&mut self, module: ModuleId, step: usize) {
        self.known_mut(module).steps[step] = InstanceMap::Only(None);
    }

    /// Returns the values of the runbook's variables, in its order.
    #[must_use]
    pub fn variables(&self) -> Vec<Value> {
        let values = self.known[0].variables.iter();
        values.map(|value| value.clone().unwrap_or(Value::NULL)).collect()
    }

    /// Returns the values of the runbook's variables with their external sources, for another plan.
    #[must_use]
    pub fn given(&self) -> Variables {
        Variables { values: self.variables(), given_by: self.given_by.to_vec() }
    }

    /// Returns true if a failure of an earlier step may still turn a part of a module into null.
    pub(super) fn is_doubtful(&self, module: ModuleId, item: Item) -> bool {
        self.after_steps.contains(&Block { place: self.modules.get(module).place, item })
    }
}
