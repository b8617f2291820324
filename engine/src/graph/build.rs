//! Builds the graph of a runbook's blocks.

use std::collections::HashSet;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::runbook::{Runbook, Variable};

use super::need::{On, given, needs};
use super::{Edge, Graph, Item, Need, NodeId, Repeated, cycle};

/// The blocks of a runbook and its modules before expansion, with their dependencies.
pub struct Blocks {
    /// The root runbook, followed by one entry for each `module` block at any depth.
    pub runbooks: Vec<Place>,
    /// All blocks, each after its dependencies.
    pub order: Vec<Block>,
    /// The blocks that become null if a step before them fails: steps, and values computed from their
    /// results.
    pub after_steps: Arc<HashSet<Block>>,
}

/// A runbook at its place among the modules.
pub struct Place {
    /// The runbook.
    pub runbook: Arc<Runbook>,
    /// The address prefix, without instance keys: empty, or `module.name.`.
    pub prefix: String,
    /// The place that uses the runbook, and the index of the `module` block there.
    pub user: Option<(usize, usize)>,
    /// The places of the runbooks of its `module` blocks, in their order.
    pub modules: Vec<usize>,
    /// Its items, each after its dependencies.
    pub order: Vec<Item>,
}

/// An item of the runbook at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Block {
    /// The place of the runbook.
    pub place: usize,
    /// The item.
    pub item: Item,
}

/// Orders the blocks of `runbook` for evaluation.
///
/// # Errors
///
/// Returns every cycle, as its path.
pub fn build(runbook: &Arc<Runbook>) -> Result<Blocks, Diagnostics> {
    let mut builder = Builder { runbooks: Vec::new(), graph: Graph::default() };
    builder.place(runbook, String::new(), None);
    for place in 0..builder.runbooks.len() {
        builder.connect_all(place);
    }
    let Builder { mut runbooks, graph } = builder;
    let address = |block: &Block| {
        let place = &runbooks[block.place];
        format!("{}{}", place.prefix, block.item.address(&place.runbook))
    };
    let order = graph.order();
    if order.len() < graph.len() {
        cycle::check(&graph, address).or(())?;
    }
    let after_steps = after_steps(&graph, &order).into();
    let order: Vec<Block> = order.into_iter().map(|id| *graph.get(id)).collect();
    for block in &order {
        runbooks[block.place].order.push(block.item);
    }
    Ok(Blocks { runbooks, order, after_steps })
}

/// Returns the blocks that become null if a step before them fails. `Open` and `Rules` items are not among
/// them: if one fails, its dependents do not run at all.
fn after_steps(graph: &Graph<Block>, order: &[NodeId]) -> HashSet<Block> {
    let mut found = HashSet::new();
    for &id in order {
        let block = *graph.get(id);
        let mut needs = graph.needs(id).map(|needed| graph.get(needed));
        if matches!(block.item, Item::Step(_))
            || !block.item.is_vital() && needs.any(|needed| found.contains(needed))
        {
            found.insert(block);
        }
    }
    found
}

/// Returns the items of a runbook; a step or module is one item, however many instances it has.
fn items(runbook: &Runbook, is_root: bool) -> impl Iterator<Item = Item> {
    let variables = if is_root { 0 } else { runbook.variables.len() };
    let has_rules = |index: &usize| has_rules(&runbook.variables[*index]);
    let rules = (0..runbook.variables.len()).filter(has_rules).map(Item::Rules);
    let modules = (0..runbook.modules.len()).map(Repeated::Module);
    (0..runbook.steps.len())
        .map(Item::Step)
        .chain(modules.flat_map(|module| [Item::Open(module), Item::Close(module)]))
        .chain((0..variables).map(Item::Variable))
        .chain(rules)
        .chain((0..runbook.locals.len()).map(Item::Local))
        .chain((0..runbook.identities.len()).map(Item::Identity))
        .chain((0..runbook.checks.len()).map(Item::Check))
        .chain((0..runbook.outputs.len()).map(Item::Output))
}

/// Returns true if the values of a variable are validated.
#[must_use]
pub fn has_rules(variable: &Variable) -> bool {
    !variable.rules.is_empty()
}

struct Builder {
    runbooks: Vec<Place>,
    graph: Graph<Block>,
}

impl Builder {
    /// Adds a runbook and those of its modules.
    fn place(&mut self, runbook: &Arc<Runbook>, prefix: String, user: Option<(usize, usize)>) -> usize {
        let place = self.runbooks.len();
        for item in items(runbook, user.is_none()) {
            self.graph.node(Block { place, item });
        }
        self.runbooks.push(Place {
            runbook: runbook.clone(),
            prefix,
            user,
            modules: Vec::new(),
            order: Vec::new(),
        });
        for (index, module) in runbook.modules.iter().enumerate() {
            let prefix = format!("{}{}.", self.runbooks[place].prefix, module.address());
            let inner = self.place(&module.runbook, prefix, Some((place, index)));
            self.runbooks[place].modules.push(inner);
        }
        place
    }

    fn connect_all(&mut self, place: usize) {
        let Place { runbook, user, .. } = &self.runbooks[place];
        let (runbook, user) = (runbook.clone(), *user);
        for item in items(&runbook, user.is_none()) {
            let waiter = self.graph.node(Block { place, item });
            for need in needs(&runbook, item) {
                self.connect(place, &need, waiter);
            }
            if let Item::Step(index) = item {
                // The item of a step also covers the evaluation of its instances.
                for need in needs(&runbook, Item::Open(Repeated::Step(index))) {
                    self.connect(place, &need, waiter);
                }
            }
            if let Some((around, block)) = user {
                self.part_of_module(waiter, item, around, block);
            }
            if let Item::Close(Repeated::Module(index)) = item {
                // An empty module also opens before it closes.
                let open = self.graph.node(Block { place, item: Item::Open(Repeated::Module(index)) });
                self.graph.connect(open, waiter, Edge::Part);
            }
        }
        // The value of a variable is computed in the parent runbook.
        if let Some((around, block)) = user {
            let using = self.runbooks[around].runbook.clone();
            for (index, variable) in runbook.variables.iter().enumerate() {
                let Some(argument) = using.modules[block].argument(&variable.name.value) else { continue };
                let waiter = self.graph.node(Block { place, item: Item::Variable(index) });
                for need in given(&using, &argument.expression) {
                    self.connect(around, &need, waiter);
                }
            }
        }
    }

    /// Orders a part of a module after the module's `Open` item and before its `Close` item.
    fn part_of_module(&mut self, part: NodeId, item: Item, around: usize, block: usize) {
        let module = Repeated::Module(block);
        let open = self.graph.node(Block { place: around, item: Item::Open(module) });
        self.graph.connect(open, part, Edge::Part);
        if is_done(item) {
            let close = self.graph.node(Block { place: around, item: Item::Close(module) });
            self.graph.connect(part, close, Edge::Part);
        }
    }

    fn connect(&mut self, place: usize, need: &Need, waiter: NodeId) {
        let runbook = &self.runbooks[place].runbook;
        let here = |item| Block { place, item };
        let blocks: Vec<Block> = match &need.on {
            On::Variable(index) => {
                // Rules may refer to each other's variables.
                let is_rule = matches!(self.graph.get(waiter).item, Item::Rules(_));
                let ruled = has_rules(&runbook.variables[*index]) && !is_rule;
                let value = (place != 0).then(|| here(Item::Variable(*index)));
                value.into_iter().chain(ruled.then(|| here(Item::Rules(*index)))).collect()
            }
            On::Local(index) => vec![here(Item::Local(*index))],
            On::Step(index, _) | On::Keys(index) => vec![here(Item::Step(*index))],
            On::AllOf(index) => vec![here(Item::Close(Repeated::Module(*index)))],
            On::Module(index, _, output) => {
                let inner = self.runbooks[place].modules[*index];
                let outputs = self.runbooks[inner].runbook.outputs.len();
                let open = here(Item::Open(Repeated::Module(*index)));
                let outputs = output.map_or(0..outputs, |output| output..output + 1);
                let outputs = outputs.map(|at| Block { place: inner, item: Item::Output(at) });
                [open].into_iter().chain(outputs).collect()
            }
        };
        for block in blocks {
            let needed = self.graph.node(block);
            self.graph.connect(needed, waiter, need.why);
        }
    }
}

/// Returns true if dependents of a whole module wait for this item of it.
#[must_use]
pub fn is_done(item: Item) -> bool {
    matches!(item, Item::Step(_) | Item::Check(_) | Item::Output(_) | Item::Close(_))
}
