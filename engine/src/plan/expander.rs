//! Expands a runbook into graph nodes, instance by instance.

use crate::expression::evaluate;
use crate::graph::{
    Blocks, Edge, Graph, Instance, Item, ModuleId, Need, Node, NodeId, On, Pick, Repeated, User, given,
    has_rules, is_done, needs,
};
use crate::value::Value;

use super::{EvalScope, InstanceMap, State};

/// Adds nodes to a graph: all nodes while planning, and late instances while running.
pub struct Expander<'a> {
    /// The blocks of the runbook.
    pub blocks: &'a Blocks,
    /// The graph that receives the nodes.
    pub graph: &'a mut Graph<Node>,
    /// The values known so far.
    pub state: &'a mut State,
}

impl Expander<'_> {
    /// Adds a part that has one instance per module instance.
    pub fn item(&mut self, module: ModuleId, item: Item) -> NodeId {
        let id = self.node(module, item, Instance::Only);
        if let Item::Variable(index) = item {
            self.given(id, module, index);
        } else {
            let needs = needs(self.state.runbook(module), item);
            connect(self.graph, id, &needs, &self.state.scope(module));
        }
        if let Item::Open(block) = item {
            self.closing(id, module, block);
        }
        id
    }

    /// Adds the `Close` node of a block, which waits for its `Open` node.
    fn closing(&mut self, open: NodeId, module: ModuleId, block: Repeated) {
        let close = self.node(module, Item::Close(block), Instance::Only);
        self.graph.connect(open, close, Edge::Part);
        if let Repeated::Module(index) = block {
            let outputs = self.graph.node(Node::only(module, Item::Outputs(index)));
            self.graph.connect(open, outputs, Edge::Part);
        }
    }

    /// Adds the known instances of a step; `scope` resolves the names of each.
    pub fn steps(
        &mut self,
        module: ModuleId,
        index: usize,
        slots: InstanceMap<Value>,
    ) -> Vec<(NodeId, Instance)> {
        let instances = slots.instances();
        self.state.set_step_slots(module, index, slots);
        let needs = needs(self.state.runbook(module), Item::Step(index));
        let added = instances.into_iter().map(|instance| {
            let id = self.step_node(module, index, instance.clone());
            let scope = self.state.step_scope(module, index, &instance);
            connect(self.graph, id, &needs, &scope);
            (id, instance)
        });
        added.collect()
    }

    /// Adds the placeholder node of a step whose instances are not known yet.
    pub fn each_step(&mut self, module: ModuleId, index: usize) -> NodeId {
        let id = self.step_node(module, index, Instance::Each);
        let needs = needs(self.state.runbook(module), Item::Step(index));
        connect(self.graph, id, &needs, &self.state.step_scope(module, index, &Instance::Each));
        id
    }

    fn step_node(&mut self, module: ModuleId, index: usize, instance: Instance) -> NodeId {
        let alone = instance == Instance::Only;
        let id = self.node(module, Item::Step(index), instance);
        if !alone {
            let block = Repeated::Step(index);
            let open = self.graph.node(Node::only(module, Item::Open(block)));
            let close = self.graph.node(Node::only(module, Item::Close(block)));
            self.graph.connect(open, id, Edge::Part);
            self.graph.connect(id, close, Edge::Part);
        }
        id
    }

    /// Adds an instance of a module without its contents.
    pub fn module(&mut self, module: ModuleId, block: usize, instance: Instance) -> ModuleId {
        let place = self.state.modules.get(module).place;
        let inner = self.blocks.runbooks[place].modules[block];
        self.state.add_module(&User { module, block, instance }, inner)
    }

    /// Adds the contents of a module; repeated blocks in it stay unexpanded.
    pub fn contents(&mut self, module: ModuleId) {
        let place = self.state.modules.get(module).place;
        let blocks = self.blocks;
        for &item in &blocks.runbooks[place].order {
            match item {
                Item::Step(index) if self.state.is_expanded(module, Repeated::Step(index)) => {
                    self.steps(module, index, InstanceMap::Only(None));
                }
                Item::Step(index) => drop(self.item(module, Item::Open(Repeated::Step(index)))),
                Item::Close(_) => {}
                Item::Open(Repeated::Module(index)) => {
                    self.item(module, item);
                    if self.state.is_expanded(module, Repeated::Module(index)) {
                        let inner = self.module(module, index, Instance::Only);
                        self.contents(inner);
                    }
                }
                _ => drop(self.item(module, item)),
            }
        }
    }

    /// Adds the node of a part. In a module, the node waits for the module's `Open` node, and the `Close`
    /// node waits for it.
    fn node(&mut self, module: ModuleId, item: Item, instance: Instance) -> NodeId {
        let id = self.graph.node(Node::Item { module, item, instance });
        let Some(User { module: around, block, .. }) = self.state.modules.get(module).user.clone() else {
            return id;
        };
        let block_node = |item| Node::only(around, item);
        let open = self.graph.node(block_node(Item::Open(Repeated::Module(block))));
        self.graph.connect(open, id, Edge::Part);
        if is_done(item) {
            let close = self.graph.node(block_node(Item::Close(Repeated::Module(block))));
            self.graph.connect(id, close, Edge::Part);
        }
        if let Item::Output(_) = item {
            let outputs = self.graph.node(block_node(Item::Outputs(block)));
            self.graph.connect(id, outputs, Edge::Part);
        }
        id
    }

    /// Makes a variable of a module wait for the values in the parent runbook that its argument refers to.
    fn given(&mut self, id: NodeId, module: ModuleId, variable: usize) {
        let Some(user) = self.state.modules.get(module).user.clone() else { return };
        let around = self.state.runbook(user.module).clone();
        let name = &self.state.runbook(module).variables[variable].name.value;
        let Some(argument) = around.modules[user.block].argument(name) else { return };
        let needs = given(&around, &argument.expression);
        let scope = self.state.module_scope(&user);
        connect(self.graph, id, &needs, &scope);
    }
}

/// Makes `waiter` wait for its needs, resolved in the module of `scope`.
fn connect(graph: &mut Graph<Node>, waiter: NodeId, needs: &[Need], scope: &EvalScope<'_>) {
    let is_rule = matches!(graph.get(waiter), Node::Item { item: Item::Rules(_), .. });
    for need in needs {
        for node in needed(&need.on, scope, is_rule) {
            let needed = graph.node(node);
            graph.connect(needed, waiter, need.why);
        }
    }
}

/// Returns the nodes that satisfy a need.
fn needed(on: &On, scope: &EvalScope<'_>, by_a_rule: bool) -> Vec<Node> {
    let EvalScope { state, module, .. } = *scope;
    let here = |item| Node::only(module, item);
    match on {
        On::Variable(index) => {
            let ruled = has_rules(&state.runbook(module).variables[*index]) && !by_a_rule;
            let value = (module != ModuleId::ROOT).then(|| here(Item::Variable(*index)));
            value.into_iter().chain(ruled.then(|| here(Item::Rules(*index)))).collect()
        }
        On::Local(index) => vec![here(Item::Local(*index))],
        On::Step(index, pick) => {
            let slots = &state.known(module).steps[*index];
            let one = picked(pick, scope).filter(|instance| slots.get(instance).is_some());
            let item = Item::Step(*index);
            vec![one.map_or_else(
                || here(Item::Close(Repeated::Step(*index))),
                |instance| Node::Item { module, item, instance },
            )]
        }
        On::Keys(index) => vec![here(Item::Open(Repeated::Step(*index)))],
        On::AllOf(index) => vec![here(Item::Close(Repeated::Module(*index)))],
        On::Module(index, pick, output) => {
            let slots = &state.known(module).modules[*index];
            let one = picked(pick, scope).and_then(|instance| *slots.get(&instance)?);
            let Some(inner) = one else { return vec![here(Item::Outputs(*index))] };
            let all = 0..state.runbook(inner).outputs.len();
            let outputs = output.map_or(all, |output| output..output + 1);
            let open = here(Item::Open(Repeated::Module(*index)));
            outputs.map(|at| Node::only(inner, Item::Output(at))).chain([open]).collect()
        }
    }
}

/// Returns the one instance that a reference picks, if its key is known by now.
fn picked(pick: &Pick, scope: &EvalScope<'_>) -> Option<Instance> {
    match pick {
        Pick::All => None,
        Pick::One(instance) => Some(instance.clone()),
        Pick::Same => scope.key(),
        Pick::Computed(key) => Instance::of(&evaluate(key, scope).ok().filter(|key| !key.is_marked())?),
    }
}
