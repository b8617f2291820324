//! Finds the dependencies of an item of a runbook.

use crate::runbook::{Repetition, Rule, Runbook, Target};
use crate::syntax::{Expression, Reference, Segment, Use};

use super::{Edge, Instance, Item, Repeated};

/// A dependency with its reason.
#[derive(Clone, Debug)]
pub struct Need {
    /// The dependency.
    pub on: On,
    /// The reason.
    pub why: Edge,
}

/// A dependency; the numbers are indexes into the runbook.
#[derive(Clone, Debug)]
pub enum On {
    /// A variable.
    Variable(usize),
    /// A local value.
    Local(usize),
    /// A step.
    Step(usize, Pick),
    /// The number of instances of a step.
    Keys(usize),
    /// The output of a module with that index, or all its outputs.
    Module(usize, Pick, Option<usize>),
    /// Everything in a module.
    AllOf(usize),
}

/// The instances of a block that a reference needs.
#[derive(Clone, Debug)]
pub enum Pick {
    /// All instances.
    All,
    /// This instance.
    One(Instance),
    /// The instance with the same key as the waiting one.
    Same,
    /// The instance with the key that this expression returns.
    Computed(Box<Expression>),
}

/// Returns the dependencies of `item` in `runbook`.
///
/// The dependencies of a variable's value lie in the runbook that uses this one; see [`given`].
#[must_use]
pub fn needs(runbook: &Runbook, item: Item) -> Vec<Need> {
    let mut needs = Needs { runbook, found: Vec::new() };
    match item {
        Item::Variable(_) | Item::Close(_) | Item::Outputs(_) => {}
        Item::Rules(index) => {
            runbook.variables[index].rules.iter().flat_map(Rule::expressions).for_each(|e| needs.of(e));
        }
        Item::Local(index) => needs.of(&runbook.locals[index].expression),
        Item::Identity(index) => {
            let identity = &runbook.identities[index];
            identity.expressions().for_each(|expression| needs.of(expression));
            needs.waits(&identity.depends_on);
        }
        Item::Open(Repeated::Step(index)) => {
            if let Some(other) = runbook.follows(index) {
                needs.follows(index, On::Keys(other));
            } else {
                let repetition = runbook.steps[index].repetition.iter();
                repetition.for_each(|repetition| needs.of(repetition.expression()));
            }
        }
        Item::Open(Repeated::Module(index)) => {
            let module = &runbook.modules[index];
            let expressions = module.repetition.iter().map(Repetition::expression).chain(&module.when);
            expressions.for_each(|expression| needs.of(expression));
            needs.waits(&module.depends_on);
        }
        Item::Step(index) => {
            let step = &runbook.steps[index];
            step.expressions()
                .chain(step.later_expressions())
                .chain(&step.control.concurrency)
                .chain(&step.control.max_failures)
                .for_each(|expression| needs.of(expression));
            if let Some(other) = runbook.follows(index) {
                needs.follows(index, On::Step(other, Pick::Same));
            }
            // References come first, since only the first reason for waiting is kept.
            needs.waits(&step.depends_on);
        }
        Item::Check(index) => {
            runbook.checks[index].rules.iter().flat_map(Rule::expressions).for_each(|e| needs.of(e));
        }
        Item::Output(index) => {
            let output = &runbook.outputs[index];
            output.expressions().for_each(|expression| needs.of(expression));
            needs.waits(&output.depends_on);
        }
    }
    needs.found
}

/// Returns the dependencies of a module's argument, in the runbook that contains the module.
#[must_use]
pub fn given(runbook: &Runbook, expression: &Expression) -> Vec<Need> {
    let mut needs = Needs { runbook, found: Vec::new() };
    needs.of(expression);
    needs.found
}

struct Needs<'a> {
    runbook: &'a Runbook,
    found: Vec<Need>,
}

impl Needs<'_> {
    fn of(&mut self, expression: &Expression) {
        for Use { reference, key } in expression.uses() {
            if let Some(on) = self.on(&reference, key) {
                self.found.push(Need { on, why: Edge::Reference(reference.span) });
            }
        }
    }

    /// Adds the dependency that the `for_each` of a step causes.
    fn follows(&mut self, step: usize, on: On) {
        let repetition = self.runbook.steps[step].repetition.as_ref();
        self.found.extend(repetition.map(|repetition| Need { on, why: Edge::Reference(repetition.span()) }));
    }

    fn waits(&mut self, references: &[Reference]) {
        for reference in references {
            let on = match self.on(reference, None) {
                Some(On::Module(index, ..)) => Some(On::AllOf(index)),
                on => on,
            };
            self.found.extend(on.map(|on| Need { on, why: Edge::DependsOn(reference.span) }));
        }
    }

    /// Returns the dependency of a reference. Loading the runbook has reported unknown names.
    fn on(&self, reference: &Reference, key: Option<Expression>) -> Option<On> {
        let (target, at) = self.runbook.names.resolve(reference).ok()?;
        Some(match target {
            Target::Variable(index) => On::Variable(index),
            Target::Local(index) => On::Local(index),
            Target::Step(index) => {
                let repeated = self.runbook.steps[index].repetition.is_some();
                On::Step(index, pick(reference, at, key, repeated).0)
            }
            Target::Module(index) => {
                let module = &self.runbook.modules[index];
                let (pick, at) = pick(reference, at, key, module.repetition.is_some());
                let name = at.and_then(|at| reference.path.get(at)).and_then(Segment::name);
                let outputs = &module.runbook.outputs;
                let output =
                    name.and_then(|name| outputs.iter().position(|output| output.name.value == *name));
                On::Module(index, pick, output)
            }
            Target::Identity(_)
            | Target::Each
            | Target::Count
            | Target::This
            | Target::Path
            | Target::Runbook => return None,
        })
    }
}

/// Returns the instance that the reference picks after the block at `at`, and the position of an output's
/// name.
fn pick(reference: &Reference, at: usize, key: Option<Expression>, repeated: bool) -> (Pick, Option<usize>) {
    if !repeated {
        return (Pick::One(Instance::Only), Some(at));
    }
    match (reference.path.get(at), key) {
        (Some(Segment::Index(key)), _) => match Instance::of(&key.value.to_value()) {
            Some(instance) => (Pick::One(instance), Some(at + 1)),
            None => (Pick::All, None),
        },
        (None, Some(key)) => (Pick::Computed(Box::new(key)), None),
        _ => (Pick::All, None),
    }
}
