//! Finds the files that functions read and that may be part of what a step sends.

use std::collections::BTreeSet;

use super::{Plan, PlannedStep, When};
use crate::expression::functions::reads_content;
use crate::graph::{Edge, Item, ModuleId, Node, NodeId, Repeated};
use crate::runbook::Runbook;
use crate::step::{Action, ActionKind};
use crate::syntax::{Expression, ExpressionKind, TemplatePart};
use crate::value::Data;

/// The files whose content may be in the values of each node.
///
/// A value has no trace of the files that it was made from, so this errs on the safe side: a node may hold the files
/// that its own expressions read, and those of every node that it needs.
pub struct FileFlow {
    of_node: Vec<Flow>,
}

/// The files whose content may be in a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Flow {
    #[default]
    None,
    /// Files with these paths, as written.
    Some(BTreeSet<String>),
    /// Any file: a path is computed, or a template reads further files.
    Any,
}

impl FileFlow {
    /// Follows the files through a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut of_node = vec![Flow::None; plan.graph.len()];
        for id in plan.graph.order() {
            let mut flow = own(plan, id);
            for (needed, why) in plan.graph.needs_with_reason(id) {
                // Who waits for a step, or acts as an identity, receives nothing of it.
                if !matches!(why, Edge::DependsOn(_) | Edge::Token) {
                    flow.add(&of_node[needed.index()]);
                }
            }
            of_node[id.index()] = flow;
        }
        Self { of_node }
    }

    /// Returns the files that may be part of what the step sends to a service or gives to a program.
    #[must_use]
    pub fn sent_by(&self, plan: &Plan, step: &PlannedStep) -> Vec<String> {
        let sends = |action: &Action| {
            matches!(action.kind, ActionKind::Http(_) | ActionKind::Exec(_) | ActionKind::Sql(_))
        };
        if step.when == When::No || step.arguments.is_empty() || !step.actions.iter().any(sends) {
            return Vec::new();
        }
        match &self.of_node[step.node.index()] {
            Flow::None => Vec::new(),
            Flow::Some(paths) if paths.iter().all(|path| plan.files.contains(path)) => {
                paths.iter().cloned().collect()
            }
            // A path is resolved before it is listed.
            Flow::Some(_) | Flow::Any if plan.files.is_empty() => vec![LATER.to_owned()],
            Flow::Some(_) | Flow::Any => plan.files.clone(),
        }
    }
}

/// The words for files whose paths are known only during the run.
const LATER: &str = "files that are known during the run";

impl Flow {
    fn add(&mut self, other: &Self) {
        match (&mut *self, other) {
            (_, Self::None) | (Self::Any, _) => {}
            (Self::Some(own), Self::Some(paths)) => own.extend(paths.iter().cloned()),
            (_, other) => *self = other.clone(),
        }
    }

    /// Adds the files that the functions in an expression read.
    fn read(&mut self, expression: &Expression) {
        expression.walk(&mut |part| {
            let ExpressionKind::Call(call) = &part.kind else { return };
            let name = call.function();
            if !reads_content(name) {
                return;
            }
            let path = call.arguments.first().and_then(literal).filter(|_| name != "templatefile");
            self.add(&path.map_or(Self::Any, |path| Self::Some(BTreeSet::from([path]))));
        });
    }
}

/// Returns the text of an expression that is written out.
fn literal(expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Literal(value) => match value.data() {
            Data::String(text) => Some(text.to_string()),
            _ => None,
        },
        ExpressionKind::Template(template) => match template.parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text.to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the files that the expressions of a node read.
fn own(plan: &Plan, id: NodeId) -> Flow {
    let mut flow = Flow::None;
    if let Node::Item { module, item, .. } = plan.graph.get(id) {
        let runbook = plan.state.runbook(*module);
        match item {
            Item::Variable(index) => given(plan, *module, runbook, *index, &mut flow),
            item => runbook_expressions(runbook, *item, &mut |expression| flow.read(expression)),
        }
    }
    flow
}

/// Reads the expression that gives a variable of a module its value.
fn given(plan: &Plan, module: ModuleId, runbook: &Runbook, variable: usize, flow: &mut Flow) {
    let Some(user) = &plan.state.modules.get(module).user else { return };
    let block = &plan.state.runbook(user.module).modules[user.block];
    let name = &runbook.variables[variable].name.value;
    for argument in block.arguments.iter().filter(|argument| argument.name.value == *name) {
        flow.read(&argument.expression);
    }
}

/// Calls `read` with the expressions of an item whose values others can use.
fn runbook_expressions(runbook: &Runbook, item: Item, read: &mut impl FnMut(&Expression)) {
    match item {
        Item::Local(index) => read(&runbook.locals[index].expression),
        Item::Open(Repeated::Step(index)) => {
            runbook.steps[index].repetition.iter().for_each(|repetition| read(repetition.expression()));
        }
        Item::Open(Repeated::Module(index)) => {
            runbook.modules[index].repetition.iter().for_each(|repetition| read(repetition.expression()));
        }
        Item::Step(index) => runbook.steps[index].expressions().for_each(read),
        Item::Output(index) => runbook.outputs[index].expressions().for_each(read),
        Item::Variable(_)
        | Item::Identity(_)
        | Item::Rules(_)
        | Item::Close(_)
        | Item::Outputs(_)
        | Item::Check(_) => {}
    }
}
