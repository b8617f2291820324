//! Reads the results of steps and modules, as far as they are known.

use crate::graph::{Instance, Item, ModuleId, Node, Repeated, User};
use crate::runbook::Output;
use crate::value::{Origins, Type, Value};

use super::super::InstanceMap;
use super::State;

impl State {
    /// Returns the result of an instance of a step, as far as it is known.
    pub(in crate::plan) fn step(&self, module: ModuleId, step: usize, instance: &Instance) -> Option<Value> {
        let slot = self.known(module).steps[step].get(instance)?;
        Some(slot.clone().unwrap_or_else(|| self.later(module, Item::Step(step), instance)))
    }

    /// Returns the collected results of all instances of a step, as far as they are known.
    pub(in crate::plan) fn whole_step(&self, module: ModuleId, step: usize) -> Value {
        let known = self.known(module);
        if let Some(value) = known.whole.borrow().get(&step) {
            return value.clone();
        }
        let get = |instance: &Instance| self.step(module, step, instance).unwrap_or(Value::NULL);
        let value = self.whole(&known.steps[step], get, module, Repeated::Step(step));
        known.whole.borrow_mut().insert(step, value.clone());
        value
    }

    /// Returns any one of the modules that a block of `module` makes; all have the same runbook.
    pub(in crate::plan) fn any_module(&self, module: ModuleId, block: usize) -> Option<ModuleId> {
        let is_of = |user: &User| user.module == module && user.block == block;
        self.modules.iter().find(|(_, other)| other.user.as_ref().is_some_and(is_of)).map(|(id, _)| id)
    }

    /// Returns the outputs of a module instance as an object.
    pub(in crate::plan) fn module(&self, id: ModuleId) -> Value {
        let runbook = self.runbook(id);
        if runbook.files.is_empty() {
            // The module could not be loaded, which is an error already; any attribute resolves without
            // another one.
            return Value::unknown(Type::Any, Origins::default());
        }
        let outputs = &runbook.outputs;
        Value::object(
            outputs.iter().enumerate().map(|(at, output)| (output.name.value.clone(), self.output(id, at))),
        )
    }

    /// Returns an output of a module, as far as it is known.
    pub(in crate::plan) fn output(&self, module: ModuleId, index: usize) -> Value {
        let output: &Output = &self.runbook(module).outputs[index];
        let known = self.known(module).outputs[index].clone();
        let value = known.unwrap_or_else(|| self.later(module, Item::Output(index), &Instance::Only));
        let address = || self.address(module, Item::Output(index));
        value.with_marks(&output.secrecy.marks(address))
    }

    /// Returns the collected outputs of all instances of a module.
    pub(in crate::plan) fn whole_module(&self, module: ModuleId, block: usize) -> Value {
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

    /// Returns the unknown value of a part that is not evaluated yet.
    pub(in crate::plan) fn later(&self, module: ModuleId, item: Item, instance: &Instance) -> Value {
        let address = self.modules.address(&Node::Item { module, item, instance: instance.clone() });
        Value::unknown(Type::Any, Origins::of(address))
    }

    pub(in crate::plan) fn address(&self, module: ModuleId, item: Item) -> String {
        self.modules.address(&Node::only(module, item))
    }
}
