//! Plans a runbook.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::Diagnostics;
use crate::expression::evaluate as value_of;
use crate::graph::{self, Acting, Blocks, Graph, Instance, Item, ModuleId, Node, NodeId, Repeated};
use crate::runbook::{Repetition, Runbook, Step, Variables};
use crate::value::{Entries, Origins, Type, Value};

use super::expander::Expander;
use super::identity::{identity, is_absent};
use super::plan_step::{bare, plan_step};
use super::record::record_store;
use super::rule::{Subject, check_all, holds};
use super::secret_path::refused_ends;
use super::tokens;
use super::{
    ArgumentMarks, Concurrency, InstanceMap, KnownResults, Marking, Plan, PlannedOutput, PlannedStep,
    Selection, Source, State, TargetFilter, When, evaluate, pending, repetition, when,
};

/// Plans `runbook` with these variables, in its order, and the results already known; adds warnings to
/// `found`.
///
/// # Errors
///
/// Returns all errors, except those caused by another error.
pub fn make(
    runbook: &Arc<Runbook>,
    variables: Variables,
    answers: &KnownResults,
    found: &mut Diagnostics,
) -> Option<Plan> {
    let plan = outline(runbook, variables, answers, found);
    plan.filter(|_| !found.has_errors())
}

/// Plans as [`make`] does, whatever errors occur: values that could not be evaluated are unknown in the plan.
pub fn outline(
    runbook: &Arc<Runbook>,
    variables: Variables,
    answers: &KnownResults,
    found: &mut Diagnostics,
) -> Option<Plan> {
    let blocks = found.take(graph::build(runbook))?;
    let state = State::new(runbook, variables, answers.clock, blocks.after_steps.clone());
    let mut at_place = vec![Vec::new(); blocks.runbooks.len()];
    at_place[0].push(ModuleId::ROOT);
    let mut planner = Planner {
        blocks: &blocks,
        graph: Graph::default(),
        state,
        at_place,
        steps: Vec::new(),
        absent: Vec::new(),
        answers,
        found,
    };
    for block in &blocks.order {
        for module in planner.at_place[block.place].clone() {
            planner.part(module, block.item);
        }
    }
    let Planner { graph, state, steps, absent, .. } = planner;
    let record = record_store(&state, runbook, found);
    let mut plan = finish(runbook, blocks, graph, state, steps, answers.source.clone());
    plan.record = record;
    found.append(plan.check_tokens());
    let refused = refused_ends(&plan, found);
    found.append(refused);
    for (acting, errors) in absent {
        if plan.tokens.iter().any(|token| token.acting == acting) {
            found.append(errors);
        }
    }
    plan.concurrency = Concurrency::of(&plan.blocks, &plan.state, found);
    Some(plan)
}

struct Planner<'a> {
    blocks: &'a Blocks,
    graph: Graph<Node>,
    state: State,
    /// The instances of the runbook at each place.
    at_place: Vec<Vec<ModuleId>>,
    steps: Vec<PlannedStep>,
    /// The identities with a null argument.
    absent: Vec<(Acting, Diagnostics)>,
    answers: &'a KnownResults,
    found: &'a mut Diagnostics,
}

impl Planner<'_> {
    fn grow(&mut self) -> Expander<'_> {
        Expander { blocks: self.blocks, graph: &mut self.graph, state: &mut self.state }
    }

    fn part(&mut self, module: ModuleId, item: Item) {
        match item {
            Item::Step(index) => self.step(module, index),
            Item::Open(Repeated::Module(index)) => self.module(module, index),
            // These nodes are added together with their block.
            Item::Open(_) | Item::Close(_) | Item::Outputs(_) => {}
            Item::Variable(_) | Item::Local(_) | Item::Output(_) => self.value(module, item),
            Item::Identity(index) => self.identity(module, index),
            Item::Rules(_) | Item::Check(_) => {
                self.grow().item(module, item);
                let found = check(&self.state, module, item);
                self.found.append(found);
            }
        }
    }

    fn identity(&mut self, module: ModuleId, index: usize) {
        self.grow().item(module, Item::Identity(index));
        let mut warnings = Diagnostics::new();
        let identity = identity(&self.state, module, index, &mut warnings);
        let address = self.state.address(module, Item::Identity(index));
        self.found.append(warnings);
        let identity = identity.map_err(|errors| errors.about(&address));
        let identity = match identity {
            // A step that does not run gives null; that is an error only if something acts as the identity.
            Err(errors) if is_absent(&errors) => {
                self.absent.push((Acting::Declared { module, index }, errors));
                None
            }
            identity => self.found.take(identity).flatten(),
        };
        self.state.set_identity(module, index, identity);
    }

    fn value(&mut self, module: ModuleId, item: Item) {
        self.grow().item(module, item);
        let mut warnings = Diagnostics::new();
        let value = self.found.take(value(&self.state, module, item, &mut warnings));
        self.found.append(warnings);
        let value = value.or_else(|| self.refused_output(module, item));
        let value = value.unwrap_or_else(|| self.nothing(&Node::only(module, item)));
        self.state.set(module, item, value);
    }

    /// Returns the value of an output of the runbook that must not hold it: its secrets are still known by their marks.
    fn refused_output(&self, module: ModuleId, item: Item) -> Option<Value> {
        let Item::Output(index) = item else { return None };
        let scope = self.state.scope(module);
        let output = &self.state.runbook(module).outputs[index];
        let value = value_of(&output.expression, &scope).ok();
        value.filter(|value| module == ModuleId::ROOT && value.has_deep_marks())
    }

    /// Returns the placeholder for a value that could not be evaluated, which causes no further errors.
    fn nothing(&self, node: &Node) -> Value {
        Value::unknown(Type::Any, Origins::of(self.state.modules.address(node)))
    }

    fn slots<T: Clone>(
        &mut self,
        module: ModuleId,
        item: Item,
        repetition: Option<&Repetition>,
    ) -> InstanceMap<T> {
        let Some(repetition) = repetition else { return InstanceMap::Only(None) };
        if *self.state.when(module) == When::No {
            return InstanceMap::Each(BTreeMap::new());
        }
        let address = self.state.address(module, item);
        let slots = repetition::expand(repetition, &self.state.scope(module));
        let slots = self.found.take(slots.map_err(|errors| errors.about(&address)));
        slots.unwrap_or_else(|| repetition::nothing(&address, repetition))
    }

    fn step(&mut self, module: ModuleId, index: usize) {
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        if step.repetition.is_some() {
            self.grow().item(module, Item::Open(Repeated::Step(index)));
        }
        let slots = self.slots(module, Item::Step(index), step.repetition.as_ref());
        if slots.later().is_some() {
            self.state.set_step_slots(module, index, slots);
            let id = self.grow().each_step(module, index);
            self.plan(id, module, step, (index, &Instance::Each));
            return;
        }
        for (id, instance) in self.grow().steps(module, index, slots) {
            let object = self.plan(id, module, step, (index, &instance));
            self.state.set_step(module, index, &instance, object);
        }
    }

    /// Plans one instance of a step; returns its result, as far as it is known.
    fn plan(
        &mut self,
        id: NodeId,
        module: ModuleId,
        step: &Step,
        (index, instance): (usize, &Instance),
    ) -> Value {
        let address = self.state.modules.address(self.graph.get(id));
        let scope = self.state.step_scope(module, index, instance);
        let mut found = Diagnostics::new();
        let mut warnings = Diagnostics::new();
        let planned = found.take(plan_step(&scope, step, &address, &mut warnings));
        found.append(warnings);
        // An error found with known results still leaves a step in the plan, with nothing known of it.
        let is_asked = self.answers.source != Source::Nobody;
        let mut planned = planned.or_else(|| is_asked.then(|| (bare(step, &address), Entries::new())));
        let object = match &mut planned {
            Some((planned, _)) if planned.when == When::No => pending::nothing(step, &address),
            Some((planned, known_outputs)) => {
                let answer = found.take(self.answers.take_up(&scope, step, planned)).flatten();
                let marks = planned.marks();
                let marking = Marking { step, address: &address, arguments: &marks };
                answer.unwrap_or_else(|| pending::object(marking, known_outputs))
            }
            None => {
                let marking = Marking { step, address: &address, arguments: &ArgumentMarks::default() };
                pending::object(marking, &Entries::new())
            }
        };
        if let Some((mut planned, _)) = planned {
            if planned.when != When::No {
                let scope = scope.with_self(&object);
                found.append(check_all(&step.postconditions, &scope, &Subject::After(&address)));
                for condition in step.control.conditions() {
                    found.take(holds(condition, &scope));
                }
            }
            let later = self.state.known(module).steps[index].later();
            planned.node = id;
            planned.each_of = later.map(|later| later.origins.to_string());
            self.steps.push(planned);
        }
        self.found.append(found.about(&address));
        object
    }

    fn module(&mut self, module: ModuleId, index: usize) {
        let item = Item::Open(Repeated::Module(index));
        self.grow().item(module, item);
        let repetition = self.state.runbook(module).clone().modules[index].repetition.clone();
        let slots = self.slots(module, item, repetition.as_ref());
        let instances = match slots.later() {
            Some(_) => vec![Instance::Each],
            None => slots.instances(),
        };
        self.state.set_module_slots(module, index, slots);
        for instance in instances {
            let inner = self.grow().module(module, index, instance);
            self.found.take(when::decide(&mut self.state, inner));
            let place = self.state.modules.get(inner).place;
            self.at_place[place].push(inner);
        }
    }
}

/// Evaluates a variable, a local value or an output, as far as it is known; appends warnings to `found`.
pub fn value(
    state: &State,
    module: ModuleId,
    item: Item,
    found: &mut Diagnostics,
) -> Result<Value, Diagnostics> {
    value_of_item(state, module, item, found).map_err(|errors| errors.about(&state.address(module, item)))
}

fn value_of_item(
    state: &State,
    module: ModuleId,
    item: Item,
    found: &mut Diagnostics,
) -> Result<Value, Diagnostics> {
    let runbook = state.runbook(module);
    if *state.when(module) == When::No {
        return Ok(Value::NULL);
    }
    match item {
        Item::Variable(index) => {
            let variable = &runbook.variables[index];
            let Some(user) = &state.modules.get(module).user else { return Ok(Value::NULL) };
            let block = &state.runbook(user.module).modules[user.block];
            let address = state.modules.address(&Node::only(module, item));
            evaluate::variable(&state.module_scope(user), block, variable, &address, found)
        }
        Item::Local(index) => value_of(&runbook.locals[index].expression, &state.scope(module)),
        Item::Output(index) => {
            let output = &runbook.outputs[index];
            let value = evaluate::output(&state.scope(module), output, module == ModuleId::ROOT)?;
            Ok(match state.when(module) {
                When::Later(origins) => {
                    Value::unknown(value.ty(), origins.clone()).with_marks(&value.deep_marks())
                }
                _ => value,
            })
        }
        _ => Ok(Value::NULL),
    }
}

/// Evaluates the rules of a variable or a check; returns the failures.
#[must_use]
pub fn check(state: &State, module: ModuleId, item: Item) -> Diagnostics {
    let runbook = state.runbook(module);
    let scope = state.scope(module);
    if *state.when(module) == When::No {
        return Diagnostics::new();
    }
    let found = match item {
        Item::Rules(index) => {
            let variable = &runbook.variables[index];
            check_all(&variable.rules, &scope, &Subject::Variable(variable))
        }
        Item::Check(index) => {
            let check = &runbook.checks[index];
            check_all(&check.rules, &scope, &Subject::Check(&check.name.value))
        }
        _ => return Diagnostics::new(),
    };
    if found.is_empty() { found } else { found.about(&state.address(module, item)) }
}

fn finish(
    runbook: &Arc<Runbook>,
    blocks: Blocks,
    mut graph: Graph<Node>,
    state: State,
    mut steps: Vec<PlannedStep>,
    source: Source,
) -> Plan {
    steps.shrink_to_fit();
    sort(&mut steps, &graph, &state);
    let tokens = tokens::add(&mut graph, &state, &steps);
    let outputs = runbook.outputs.iter().enumerate().map(|(index, output)| PlannedOutput {
        name: output.name.value.to_string(),
        value: state.output(ModuleId::ROOT, index),
    });
    let by_node = steps.iter().enumerate().map(|(at, step)| (step.node, at)).collect();
    Plan {
        outputs: outputs.collect(),
        variables: state.variables(),
        files: state.files_read(),
        blocks,
        graph,
        state,
        steps,
        by_node,
        tokens,
        source,
        selection: Selection::default(),
        left_out: Vec::new(),
        target_filter: TargetFilter::default(),
        concurrency: Concurrency::default(),
        record: None,
    }
}

/// Sorts steps into the order of the runbook, with modules after it and instances by key.
fn sort(steps: &mut [PlannedStep], graph: &Graph<Node>, state: &State) {
    let paths: Vec<Vec<(usize, Instance)>> =
        state.modules.iter().map(|(id, _)| state.modules.path(id)).collect();
    steps.sort_by_cached_key(|step| match graph.get(step.node) {
        Node::Item { module, item: Item::Step(index), instance } => {
            (&paths[module.index()], *index, instance)
        }
        _ => (&paths[0], 0, &Instance::Only),
    });
}
