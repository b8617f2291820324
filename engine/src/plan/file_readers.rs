//! Finds the blocks that read files with functions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::Plan;
use super::address::shape;
use super::file_flow::{is_path_module, literal};
use crate::expression::functions::reads_content;
use crate::graph::{Item, ModuleId, Node, Repeated};
use crate::runbook::{Identity, Output, RecordBlock, Repetition, Rule, Runbook};
use crate::source::{is_elsewhere, slashed, whole};
use crate::syntax::{Call, Expression, ExpressionKind, TemplatePart};

/// The blocks that read each file, by its path.
pub type FileReaders = BTreeMap<String, BTreeSet<String>>;

/// The address of the block of settings.
const SETTINGS: &str = "runbook";

/// Returns the blocks whose expressions read a file outside of the runbook's directory with a function, by the path of
/// the file; a path that a variable gives is that of the variable: `(var.file)`.
///
/// The content may be in an output, in a message, or in the record of a run, also if no step sends it. Expressions count
/// that a plan does not evaluate, such as messages.
pub fn file_readers(plan: &Plan) -> FileReaders {
    let mut readers = Readers::default();
    for id in plan.graph.order() {
        let node = plan.graph.get(id);
        let Node::Item { module, item, .. } = node else { continue };
        let address = || shape(&plan.state.modules.address(node));
        for expression in expressions(plan.state.runbook(*module), *item) {
            readers.read((plan, *module), expression, &address);
        }
    }
    let root = plan.state.runbook(ModuleId::ROOT);
    for expression in root.settings.record.iter().flat_map(RecordBlock::expressions) {
        readers.read((plan, ModuleId::ROOT), expression, &|| SETTINGS.to_owned());
    }
    readers.with_files(&plan.files)
}

/// Returns the expressions of an item, also those that only a run evaluates.
fn expressions(runbook: &Runbook, item: Item) -> Vec<&Expression> {
    match item {
        Item::Rules(index) => rules(&runbook.variables[index].rules),
        Item::Check(index) => rules(&runbook.checks[index].rules),
        Item::Local(index) => vec![&runbook.locals[index].expression],
        Item::Identity(index) => Identity::expressions(&runbook.identities[index]).collect(),
        Item::Output(index) => Output::expressions(&runbook.outputs[index]).collect(),
        Item::Open(Repeated::Step(index)) => {
            runbook.steps[index].repetition.iter().map(Repetition::expression).collect()
        }
        Item::Open(Repeated::Module(index)) => {
            let module = &runbook.modules[index];
            let arguments = module.arguments.iter().map(|argument| &argument.expression);
            arguments
                .chain(&module.when)
                .chain(module.repetition.iter().map(Repetition::expression))
                .collect()
        }
        Item::Step(index) => {
            let step = &runbook.steps[index];
            step.expressions().chain(step.later_expressions()).chain(&step.control.max_failures).collect()
        }
        // The expression of a variable of a module is an argument of that.
        Item::Variable(_) | Item::Close(_) | Item::Outputs(_) => Vec::new(),
    }
}

fn rules(rules: &[Rule]) -> Vec<&Expression> {
    rules.iter().flat_map(Rule::expressions).collect()
}

#[derive(Default)]
struct Readers {
    found: FileReaders,
    /// The blocks that may read files whose paths they do not write.
    open: BTreeSet<String>,
}

impl Readers {
    fn read(
        &mut self,
        (plan, module): (&Plan, ModuleId),
        expression: &Expression,
        address: &dyn Fn() -> String,
    ) {
        expression.walk(&mut |part| {
            let ExpressionKind::Call(call) = &part.kind else { return };
            let name = call.function();
            if name.starts_with("template") {
                self.open.insert(address());
            }
            if !reads_content(name) {
                return;
            }
            match call.arguments.first().and_then(|path| literal(plan, module, path)) {
                Some(path) if is_elsewhere(&path) => {
                    let is_whole = Path::new(&path).is_absolute();
                    let path = if is_whole { slashed(&whole(Path::new(&path))) } else { path };
                    self.note(path, address());
                }
                Some(_) => {}
                None => {
                    self.open.insert(address());
                    let variables = variables(call);
                    if variables.is_empty() && !call.arguments.first().is_some_and(begins_inside) {
                        self.note("(a computed path)".to_owned(), address());
                    }
                    for variable in variables {
                        self.note(format!("({variable})"), address());
                    }
                }
            }
        });
    }

    fn note(&mut self, path: String, address: String) {
        self.found.entry(path).or_default().insert(address);
    }

    /// Adds the files that the plan read, or leaves to the run, and that no block names.
    fn with_files(mut self, files: &[String]) -> FileReaders {
        if self.open.is_empty() {
            self.open.insert(SETTINGS.to_owned());
        }
        // The path of a sensitive file is hidden.
        for path in files.iter().filter(|path| is_elsewhere(path) || path.starts_with('(')) {
            let open = &self.open;
            self.found.entry(path.clone()).or_insert_with(|| open.clone());
        }
        self.found
    }
}

/// Returns true if a path is relative to the runbook, whatever its other parts are.
fn begins_inside(path: &Expression) -> bool {
    let ExpressionKind::Template(template) = &path.kind else { return false };
    match template.parts.first() {
        Some(TemplatePart::Text(text)) => !is_elsewhere(text),
        Some(TemplatePart::Interpolation(inner)) => is_path_module(inner),
        _ => false,
    }
}

/// Returns the variables in the path that a call reads.
fn variables(call: &Call) -> BTreeSet<String> {
    let path = call.arguments.first().into_iter().flat_map(Expression::references);
    path.filter(|reference| &*reference.root.value == "var").map(|reference| reference.to_string()).collect()
}
