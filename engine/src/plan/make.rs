//! Runbook to plan.

use std::collections::{BTreeSet, HashSet};

use crate::diagnostic::Diagnostics;
use crate::expression::functions::Clock;
use crate::graph::{self, Graph, Node, NodeId};
use crate::runbook::{Runbook, Step};
use crate::value::{Origins, Type, Value};

use super::{Plan, PlannedOutput, PlannedStep, PlannedToken, State, evaluate, pending};

/// The plan of `runbook` with these values of its variables, which are in its order.
///
/// Fails with everything that is wrong; what depends on something wrong is not complained of.
pub fn make(runbook: &Runbook, variables: Vec<Value>) -> Result<Plan, Diagnostics> {
    let mut graph = graph::build(runbook)?;
    let mut found = Diagnostics::new();
    let clock = Clock::plan();
    let mut state = State::new(runbook, variables, clock);
    evaluate::validate(&state, &mut found);
    let mut steps: Vec<Option<PlannedStep>> = runbook.steps.iter().map(|_| None).collect();
    let mut outputs: Vec<Option<PlannedOutput>> = runbook.outputs.iter().map(|_| None).collect();
    for id in graph.order() {
        match *graph.get(id) {
            Node::Local(index) => {
                let value = found.take(evaluate::local(&state, index));
                state.set_local(index, value.unwrap_or_else(|| nothing(&runbook.locals[index].name.value)));
            }
            Node::Step(index) => {
                let step = &runbook.steps[index];
                let planned = found.take(plan_step(&state, step));
                let foreseen = planned.as_ref().map(|planned| planned.foreseen.clone()).unwrap_or_default();
                state.set_step(index, pending::object(step, &foreseen));
                steps[index] = planned;
            }
            Node::Output(index) => {
                let name = runbook.outputs[index].name.value.to_string();
                let value = found.take(evaluate::output(&state, index));
                outputs[index] = value.map(|value| PlannedOutput { name, value });
            }
            Node::Token(_) => {}
        }
    }
    let mut steps: Vec<PlannedStep> = steps.into_iter().flatten().collect();
    if found.has_errors() {
        return Err(found);
    }
    let tokens = add_tokens(&mut graph, &steps);
    add_waits(&graph, runbook, &mut steps);
    let outputs = outputs.into_iter().flatten().collect();
    let (variables, files) = (state.variables().to_vec(), state.files_read());
    Ok(Plan { clock, graph, variables, steps, tokens, files, outputs })
}

/// What stands for a value that could not be evaluated, so that nobody complains of it a second time.
fn nothing(name: &str) -> Value {
    Value::unknown(Type::Any, Origins::of(name))
}

fn plan_step(state: &State<'_>, step: &Step) -> Result<PlannedStep, Diagnostics> {
    let arguments = evaluate::arguments(state, step)?;
    evaluate::timeout(state, step)?;
    let work = evaluate::prepare(step, &arguments)?;
    let written = step.arguments.iter().filter_map(|attribute| {
        let value = arguments.get(&attribute.name.value)?;
        Some((attribute.name.value.to_string(), value.clone()))
    });
    Ok(PlannedStep {
        address: step.address.to_string(),
        effect: step.step_type.schema().effect,
        description: step.description.clone(),
        arguments: written.collect(),
        calls: work.calls(),
        touches: work.touches(),
        foreseen: work.foreseen(),
        waits: Vec::new(),
    })
}

fn add_tokens(graph: &mut Graph, steps: &[PlannedStep]) -> Vec<PlannedToken> {
    let mut tokens: Vec<PlannedToken> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        for audience in step.calls.iter().filter_map(|call| call.audience.as_ref()) {
            graph.need_token(index, audience.clone());
            match tokens.iter_mut().find(|token| token.audience == *audience) {
                Some(token) if token.steps.last() == Some(&step.address) => {}
                Some(token) => token.steps.push(step.address.clone()),
                None => tokens
                    .push(PlannedToken { audience: audience.clone(), steps: vec![step.address.clone()] }),
            }
        }
    }
    tokens.sort_by(|a, b| a.audience.cmp(&b.audience));
    tokens
}

/// Tells each step what it waits for; a local value stands for what it waits for itself.
fn add_waits(graph: &Graph, runbook: &Runbook, steps: &mut [PlannedStep]) {
    for (index, step) in steps.iter_mut().enumerate() {
        let Some(id) = graph.find(&Node::Step(index)) else { continue };
        let mut waits = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut queue: Vec<NodeId> = graph.needs(id).collect();
        while let Some(needed) = queue.pop() {
            if !seen.insert(needed) {
                continue;
            }
            match graph.get(needed) {
                Node::Local(_) => queue.extend(graph.needs(needed)),
                node => drop(waits.insert(node.address(runbook))),
            }
        }
        step.waits = waits.into_iter().collect();
    }
}
