//! What a step is made of, as it is written.

use std::collections::HashSet;

use sha2::{Digest, Sha256};

use crate::format::essence;
use crate::graph::{Item, ModuleId, On, given};
use crate::runbook::{Query, Repetition};
use crate::source::Sources;
use crate::syntax::Expression;

use super::State;

/// The SHA-256, in hexadecimal, of what makes a step do what it does, as it is written: its type, its arguments, what it
/// extracts, its `for_each`, and the local values, module arguments and module outputs that these refer to.
///
/// Layout, comments, names of locals apart, and everything about when and how often a step is tried do not count; nor do
/// the values of the runbook's variables and what other steps give.
#[must_use]
pub fn definition(state: &State, sources: &Sources, module: ModuleId, step: usize) -> String {
    let mut writer = Writer { state, sources, sha: Sha256::new(), seen: HashSet::new(), queue: Vec::new() };
    // As it was planned: while running there may be other modules, or none yet.
    writer.step(state.planned_module(module), step);
    while let Some((module, item)) = writer.queue.pop() {
        writer.item(module, item);
    }
    format!("{:x}", writer.sha.finalize())
}

struct Writer<'a> {
    state: &'a State,
    sources: &'a Sources,
    sha: Sha256,
    seen: HashSet<(ModuleId, Item)>,
    queue: Vec<(ModuleId, Item)>,
}

impl Writer<'_> {
    fn step(&mut self, module: ModuleId, index: usize) {
        let runbook = self.state.runbook(module).clone();
        let step = &runbook.steps[index];
        self.word(&step.type_name.value);
        if let Some(Repetition::ForEach(expression)) = &step.repetition {
            self.named(module, "for_each", expression);
        }
        for argument in &step.arguments {
            self.named(module, &argument.name.value, &argument.expression);
        }
        for extract in &step.extract {
            match &extract.query {
                Query::Computed(expression) => self.named(module, &extract.name.value, expression),
                Query::Constant(_) => {
                    self.word(&extract.name.value);
                    self.word(self.sources.text(extract.span));
                }
            }
        }
    }

    /// What a local value, the variable of a module or the output of one is made of.
    fn item(&mut self, module: ModuleId, item: Item) {
        let runbook = self.state.runbook(module).clone();
        match item {
            Item::Local(index) => {
                let local = &runbook.locals[index];
                self.named(module, &local.name.value, &local.expression);
            }
            Item::Output(index) => {
                let output = &runbook.outputs[index];
                self.named(module, &output.name.value, &output.expression);
            }
            Item::Variable(index) => {
                let name = &runbook.variables[index].name.value;
                let Some(user) = self.state.modules.get(module).user.clone() else { return };
                let around = self.state.runbook(user.module).clone();
                match around.modules[user.block].argument(name) {
                    Some(argument) => self.named(user.module, name, &argument.expression),
                    None => self.word(name),
                }
            }
            _ => {}
        }
    }

    fn named(&mut self, module: ModuleId, name: &str, expression: &Expression) {
        self.word(name);
        self.word(&essence(self.sources.text(expression.span)));
        for need in given(&self.state.runbook(module).clone(), expression) {
            match need.on {
                On::Local(index) => self.later(module, Item::Local(index)),
                On::Variable(index) if module != ModuleId::ROOT => self.later(module, Item::Variable(index)),
                On::Module(block, _, Some(output)) => {
                    if let Some(inner) = self.state.any_module(module, block) {
                        self.later(inner, Item::Output(output));
                    }
                }
                _ => {}
            }
        }
    }

    fn later(&mut self, module: ModuleId, item: Item) {
        if self.seen.insert((module, item)) {
            self.queue.push((module, item));
        }
    }

    /// Adds a word and its end, so that no two lists of words have the same bytes.
    fn word(&mut self, word: &str) {
        self.sha.update(word);
        self.sha.update([0]);
    }
}
