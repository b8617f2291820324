//! The external sources of values.

use std::collections::HashSet;

use crate::graph::{ModuleId, Repeated};
use crate::runbook::{Runbook, Step, Target};
use crate::step::Effect;
use crate::syntax::{Expression, Reference, Segment};

use super::State;

/// The module and the block that contain a reference.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Standing {
    pub module: ModuleId,
    pub block: Option<Repeated>,
}

/// Returns the external source of a referenced value: of a variable of the root runbook, or of a local value, module
/// variable, module output, instance or step output derived from one, at any depth.
///
/// Each name is followed once, since the number of paths between names can be exponential. The response of a service
/// does not count as derived from the arguments of its step.
pub(super) fn given_by(state: &State, standing: Standing, reference: &Reference) -> Option<String> {
    if !state.is_any_given() {
        return None;
    }
    let mut seen = HashSet::new();
    let mut open = vec![(standing, reference.clone())];
    while let Some((standing, reference)) = open.pop() {
        let Ok((target, used)) = state.runbook(standing.module).names.resolve(&reference) else { continue };
        if let (Target::Variable(index), ModuleId::ROOT) = (target, standing.module)
            && let Some(given) = state.given_by(index)
        {
            return Some(given.to_owned());
        }
        // What is asked of a step or a module depends on the whole reference.
        if !seen.insert((standing, target, output(&reference, used).map(ToOwned::to_owned))) {
            continue;
        }
        for (standing, expression) in made_from(state, standing, target, output(&reference, used)) {
            open.extend(expression.references().into_iter().rev().map(|reference| (standing, reference)));
        }
    }
    None
}

/// Returns the name of the referenced output of a block, after any instance key.
fn output(reference: &Reference, used: usize) -> Option<&str> {
    reference.path.iter().skip(used).find_map(|segment| match segment {
        Segment::Attribute(name) => Some(&*name.value),
        Segment::Index(_) => None,
    })
}

/// Returns the expressions that a target is derived from, and their places.
fn made_from<'a>(
    state: &'a State,
    standing: Standing,
    target: Target,
    output: Option<&str>,
) -> Vec<(Standing, &'a Expression)> {
    let Standing { module, block } = standing;
    let runbook: &Runbook = state.runbook(module);
    let here = |expression| (Standing { module, block: None }, expression);
    match target {
        Target::Variable(index) => argument(state, module, index).into_iter().collect(),
        Target::Local(index) => vec![here(&runbook.locals[index].expression)],
        Target::Each | Target::Count => {
            let repetition = match block {
                Some(Repeated::Step(index)) => runbook.steps[index].repetition.as_ref(),
                Some(Repeated::Module(index)) => runbook.modules[index].repetition.as_ref(),
                None => None,
            };
            repetition.map(|repetition| here(repetition.expression())).into_iter().collect()
        }
        Target::Step(index) => of_step(&runbook.steps[index], module, index, output),
        Target::This => match block {
            Some(Repeated::Step(index)) => of_step(&runbook.steps[index], module, index, output),
            _ => Vec::new(),
        },
        Target::Module(index) => of_module(state, module, index, output),
        Target::Path | Target::Runbook | Target::Identity(_) => Vec::new(),
    }
}

/// Returns the arguments that an output of a step is derived from; those of all outputs if none is named.
fn of_step<'a>(
    step: &'a Step,
    module: ModuleId,
    index: usize,
    output: Option<&str>,
) -> Vec<(Standing, &'a Expression)> {
    let schema = step.step_type.schema();
    let asked = schema.outputs.iter().filter(|field| output.is_none_or(|output| output == field.name));
    let from: HashSet<&str> = asked.flat_map(|field| field.from.iter().copied()).collect();
    // What only computes has nothing to give but what it was given.
    let is_from = |name: &str| schema.effect == Effect::Nothing || from.contains(name);
    let arguments = step.arguments.iter().filter(|argument| is_from(&argument.name.value));
    let standing = Standing { module, block: Some(Repeated::Step(index)) };
    arguments.map(|argument| (standing, &argument.expression)).collect()
}

/// Returns the expression of an output of a module; those of all outputs if none is named.
fn of_module<'a>(
    state: &'a State,
    module: ModuleId,
    block: usize,
    output: Option<&str>,
) -> Vec<(Standing, &'a Expression)> {
    let Some(inner) = state.any_module(module, block) else { return Vec::new() };
    let outputs = state.runbook(inner).outputs.iter();
    let asked = outputs.filter(|one| output.is_none_or(|output| output == &*one.name.value));
    asked.map(|one| (Standing { module: inner, block: None }, &one.expression)).collect()
}

/// Returns the expression that sets a variable of a module, and its place.
pub(super) fn argument(state: &State, module: ModuleId, variable: usize) -> Option<(Standing, &Expression)> {
    let user = state.modules.get(module).user.as_ref()?;
    let block = &state.runbook(user.module).modules[user.block];
    let argument = block.argument(&state.runbook(module).variables[variable].name.value)?;
    let standing = Standing { module: user.module, block: Some(Repeated::Module(user.block)) };
    Some((standing, &argument.expression))
}
