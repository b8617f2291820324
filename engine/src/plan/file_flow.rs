//! Finds the files that functions read and that may be part of what a step sends.

use std::collections::{BTreeMap, BTreeSet};

use super::{Plan, PlannedStep, When};
use crate::expression::functions::reads_content;
use crate::graph::{Edge, Item, ModuleId, Node, NodeId, Repeated};
use crate::runbook::{Rule, Runbook, Step};
use crate::source::{Span, relative};
use crate::step::{Action, ActionKind};
use crate::syntax::{Attribute, Expression, ExpressionKind, TemplatePart};
use crate::value::Data;

/// The files whose content may be in the values of each node.
///
/// A value has no trace of the files that it was made from, so this errs on the safe side: a node may hold the files
/// that its own expressions read, and those of every node that it needs.
pub struct FileFlow {
    of_node: Vec<Held>,
}

/// The files whose content may be in a value.
#[derive(Clone, Debug, Default)]
struct Held {
    /// Files that expressions put there.
    read: Flow,
    /// Files that are there only if the answer to a step that sent them has them.
    answered: Flow,
}

/// The files whose content may be in a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Flow {
    #[default]
    None,
    /// Files with these paths, as a plan lists them.
    Some(BTreeSet<String>),
    /// Any file: a path is computed, or a template reads further files.
    Any,
}

/// The files that functions read and that a step may send to a service or give to a program.
#[derive(Debug, Default)]
pub struct SentContent {
    /// The paths.
    pub paths: Vec<String>,
    /// Those that are sent only if the answer to an earlier step has them.
    pub answered: Vec<String>,
    /// Those that are one argument as a whole, and no part of another, by path.
    pub whole: BTreeMap<String, String>,
}

impl FileFlow {
    /// Follows the files through a plan.
    #[must_use]
    pub fn of(plan: &Plan) -> Self {
        let mut of_node: Vec<Held> = vec![Held::default(); plan.graph.len()];
        for id in plan.graph.order() {
            let mut held = Held { read: own(plan, id), answered: Flow::None };
            for (needed, why) in plan.graph.needs_with_reason(id) {
                // Who waits for a step, or acts as an identity, receives nothing of it.
                if !matches!(why, Edge::DependsOn(_) | Edge::Token) {
                    held.add(&of_node[needed.index()]);
                }
            }
            if plan.by_node.get(&id).is_some_and(|at| plan.steps[*at].actions.iter().any(sends)) {
                held.answered.add(&std::mem::take(&mut held.read));
            }
            of_node[id.index()] = held;
        }
        Self { of_node }
    }

    /// Returns the files that may be part of what the step sends to a service or gives to a program.
    #[must_use]
    pub fn sent_by(&self, plan: &Plan, step: &PlannedStep) -> SentContent {
        if step.when == When::No || step.arguments.is_empty() || !step.actions.iter().any(sends) {
            return SentContent::default();
        }
        let (given, written) = (self.given(plan, step), plan.written(step));
        let module = module_of(plan, step.node);
        let own = |argument: &Attribute| {
            let mut flow = Flow::None;
            flow.read(plan, module, &argument.expression);
            (argument.name.value.to_string(), flow, whole_file(plan, module, &argument.expression))
        };
        let own: Vec<_> = written.into_iter().flat_map(|step| &step.arguments).map(own).collect();
        let mut all = given.read.clone();
        for (_, flow, _) in &own {
            all.add(flow);
        }
        let read = all.paths(plan);
        let is_only = |path: &String| {
            let holders = own.iter().filter(|(_, flow, _)| flow.may_hold(path)).count();
            holders == 1 && !given.read.may_hold(path) && !given.answered.may_hold(path)
        };
        let whole = own.iter().filter_map(|(name, _, path)| Some((path.clone()?, name.clone())));
        let whole = whole.filter(|(path, _)| is_only(path)).collect();
        let answered = given.answered.paths(plan).into_iter().filter(|path| !read.contains(path));
        let answered: Vec<String> = answered.collect();
        SentContent { paths: read.into_iter().chain(answered.iter().cloned()).collect(), answered, whole }
    }

    /// Returns the files in the values that the arguments and the instances of a step are made from.
    fn given(&self, plan: &Plan, step: &PlannedStep) -> Held {
        let mut given = Held::default();
        for (needed, why) in plan.graph.needs_with_reason(step.node) {
            let is_given = match why {
                // The first reference is the reason, and those of arguments come first.
                Edge::Reference(span) => plan.written(step).is_none_or(|written| !decides(written, span)),
                Edge::Part => true,
                Edge::DependsOn(_) | Edge::Token => false,
            };
            if is_given {
                given.add(&self.of_node[needed.index()]);
            }
        }
        given
    }
}

/// Returns true if a reference only decides whether and how a step runs, and is no part of an argument.
fn decides(step: &Step, span: Span) -> bool {
    let rules = step.preconditions.iter().flat_map(Rule::expressions);
    let mut deciding = step.control.expressions().chain(&step.control.max_failures).chain(rules);
    deciding.any(|expression| expression.span.contains(span))
}

fn sends(action: &Action) -> bool {
    matches!(action.kind, ActionKind::Http(_) | ActionKind::Exec(_) | ActionKind::Sql(_))
}

fn module_of(plan: &Plan, id: NodeId) -> ModuleId {
    match plan.graph.get(id) {
        Node::Item { module, .. } => *module,
        Node::Token { .. } => ModuleId::ROOT,
    }
}

impl Held {
    fn add(&mut self, other: &Self) {
        self.read.add(&other.read);
        self.answered.add(&other.answered);
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

    fn may_hold(&self, path: &String) -> bool {
        match self {
            Self::None => false,
            Self::Some(paths) => paths.contains(path),
            Self::Any => true,
        }
    }

    /// Returns the paths as a plan lists them.
    fn paths(&self, plan: &Plan) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::Some(paths) if paths.iter().all(|path| plan.files.contains(path)) => {
                paths.iter().cloned().collect()
            }
            // A path is resolved before it is listed.
            Self::Some(_) | Self::Any if plan.files.is_empty() => vec![LATER.to_owned()],
            Self::Some(_) | Self::Any => plan.files.clone(),
        }
    }

    /// Adds the files that the functions in an expression read.
    fn read(&mut self, plan: &Plan, module: ModuleId, expression: &Expression) {
        expression.walk(&mut |part| {
            let ExpressionKind::Call(call) = &part.kind else { return };
            let name = call.function();
            if !reads_content(name) {
                return;
            }
            let path = call.arguments.first().and_then(|path| literal(plan, module, path));
            let path = path.filter(|_| name != "templatefile");
            self.add(&path.map_or(Self::Any, |path| Self::Some(BTreeSet::from([path]))));
        });
    }
}

/// Returns the path of the file that an expression is the whole content of: `file("…")`.
fn whole_file(plan: &Plan, module: ModuleId, expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => whole_file(plan, module, inner),
        ExpressionKind::Call(call) if call.function() == "file" => {
            let path = literal(plan, module, call.arguments.first()?)?;
            plan.files.contains(&path).then_some(path)
        }
        _ => None,
    }
}

/// Returns the text of an expression that is written out, or follows `${path.module}`.
pub(super) fn literal(plan: &Plan, module: ModuleId, expression: &Expression) -> Option<String> {
    match &expression.kind {
        ExpressionKind::Literal(value) => match value.data() {
            Data::String(text) => Some(text.to_string()),
            _ => None,
        },
        ExpressionKind::Template(template) => match template.parts.as_slice() {
            [TemplatePart::Text(text)] => Some(text.to_string()),
            [TemplatePart::Interpolation(inner), TemplatePart::Text(text)] if is_path_module(inner) => {
                let directory = |module| plan.state.runbook(module).directory.as_path();
                let within = relative(directory(ModuleId::ROOT), directory(module));
                Some(if within == "." {
                    text.trim_start_matches('/').to_owned()
                } else {
                    format!("{within}{text}")
                })
            }
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn is_path_module(expression: &Expression) -> bool {
    let reference = expression.as_reference();
    reference.is_some_and(|reference| reference.to_string() == "path.module")
}

/// Returns the files that the expressions of a node read.
fn own(plan: &Plan, id: NodeId) -> Flow {
    let mut flow = Flow::None;
    if let Node::Item { module, item, .. } = plan.graph.get(id) {
        let module = *module;
        let runbook = plan.state.runbook(module);
        match item {
            Item::Variable(index) => given(plan, module, runbook, *index, &mut flow),
            item => {
                runbook_expressions(runbook, *item, &mut |expression| flow.read(plan, module, expression));
            }
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
        flow.read(plan, user.module, &argument.expression);
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
