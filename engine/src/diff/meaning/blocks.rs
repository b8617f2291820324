//! Writes the blocks of a runbook and its modules.

use std::collections::BTreeMap;

use super::inlined::Forms;
use super::writer::Writer;
use super::{BlockForm, BlockKind, Form};
use crate::diff::renames::Renames;
use crate::graph::{Item, Repeated};
use crate::plan::Plan;
use crate::runbook::{Identity, Module, Output, Rule, Secrecy, Settings, Variable};
use crate::source::Sources;
use crate::step::Field;
use crate::syntax::{Expression, Reference};

/// Returns the blocks of a plan's runbook and modules, each after those that it depends on.
pub fn blocks(plan: &Plan, sources: &Sources) -> Vec<BlockForm> {
    let forms = Forms::of(plan);
    let root = &forms.place(0).runbook;
    let mut all: Vec<BlockForm> =
        root.variables.iter().map(|variable| declared(&forms, 0, variable)).collect();
    for block in &plan.blocks.order {
        all.extend(form(&forms, block.place, block.item, sources));
    }
    let mut settings = Parts::new(&forms, 0);
    settings.settings(&root.settings);
    all.push(settings.block(BlockKind::Runbook, "runbook"));
    all
}

fn form(forms: &Forms<'_>, at: usize, item: Item, sources: &Sources) -> Option<BlockForm> {
    let place = forms.place(at);
    let mut parts = Parts::new(forms, at);
    let runbook = &place.runbook;
    Some(match item {
        Item::Variable(index) => declared(forms, at, &runbook.variables[index]),
        Item::Identity(index) => {
            let identity = &runbook.identities[index];
            parts.declared_identity(identity);
            parts.block(BlockKind::Identity, &identity.address)
        }
        Item::Step(index) => {
            let step = &runbook.steps[index];
            parts.step(step, sources);
            parts.block(BlockKind::Step, &step.address)
        }
        Item::Open(Repeated::Module(index)) => {
            let module = &runbook.modules[index];
            parts.module(module);
            parts.block(BlockKind::Module, &module.address())
        }
        Item::Output(index) => {
            let output = &runbook.outputs[index];
            // The value of an output of the only instance of a module is written out where it is used.
            parts.output(output);
            let is_inner = at > 0;
            BlockForm { is_inner, ..parts.block(BlockKind::Output, &format!("output.{}", output.name.value)) }
        }
        Item::Check(index) => {
            let check = &runbook.checks[index];
            parts.rules("assert", &check.rules);
            parts.block(BlockKind::Check, &format!("check.{}", check.name.value))
        }
        Item::Rules(_) | Item::Local(_) | Item::Open(_) | Item::Close(_) | Item::Outputs(_) => return None,
    })
}

/// Returns the declaration of a variable.
fn declared(forms: &Forms<'_>, at: usize, variable: &Variable) -> BlockForm {
    let mut parts = Parts::new(forms, at);
    parts.variable(variable);
    let address = format!("var.{}", variable.name.value);
    BlockForm { is_inner: at > 0, ..parts.block(BlockKind::Variable, &address) }
}

/// The parts of one block.
pub(super) struct Parts<'a> {
    pub(super) writer: Writer<'a>,
    parts: BTreeMap<String, Form>,
}

impl<'a> Parts<'a> {
    fn new(forms: &'a Forms<'a>, place: usize) -> Self {
        Self { writer: Writer::new(forms, place), parts: BTreeMap::new() }
    }

    fn block(self, kind: BlockKind, address: &str) -> BlockForm {
        let prefix = &self.writer.forms.place(self.writer.place).prefix;
        BlockForm { kind, address: format!("{prefix}{address}"), parts: self.parts, is_inner: false }
    }

    pub(super) fn form(&mut self, name: &str, form: Form) {
        self.parts.insert(name.to_owned(), form);
    }

    pub(super) fn expression(&mut self, name: &str, expression: &Expression) {
        let form = self.writer.write(expression);
        self.form(name, form);
    }

    pub(super) fn optional(&mut self, name: &str, expression: Option<&Expression>) {
        if let Some(expression) = expression {
            self.expression(name, expression);
        }
    }

    /// Adds an argument; the constants of a sensitive one are never shown.
    pub(super) fn argument(&mut self, name: &str, expression: &Expression, is_secret: bool) {
        self.writer.is_secret = is_secret;
        self.expression(name, expression);
        self.writer.is_secret = false;
    }

    /// Adds `depends_on`, whose order has no meaning.
    pub(super) fn dependencies(&mut self, dependencies: &[Reference]) {
        let all = dependencies.iter().map(|reference| self.writer.dependency(reference)).collect();
        self.unordered("depends_on", all);
    }

    pub(super) fn identity(&mut self, identity: Option<&Reference>) {
        if let Some(identity) = identity {
            let form = self.writer.dependency(identity);
            self.form("identity", form);
        }
    }

    /// Adds rules, whose order has no meaning.
    pub(super) fn rules(&mut self, name: &str, rules: &[Rule]) {
        let rule = |rule: &Rule| {
            let (condition, message) = (self.writer.write(&rule.condition), self.writer.write(&rule.message));
            Form::default().operand(&condition).text(" or ").then(&message)
        };
        let all = rules.iter().map(rule).collect();
        self.unordered(name, all);
    }

    fn unordered(&mut self, name: &str, mut forms: Vec<Form>) {
        let none = Renames::default();
        forms.sort_by_cached_key(|form| form.key(&none));
        forms.dedup();
        if !forms.is_empty() {
            let form = Form::of("[").then(&Form::joined(&forms, ", ")).text("]");
            self.form(name, form);
        }
    }

    fn secrecy(&mut self, secrecy: Secrecy) {
        for (name, is_set) in [("sensitive", secrecy.sensitive), ("ephemeral", secrecy.ephemeral)] {
            if is_set {
                self.form(name, Form::of("true"));
            }
        }
    }

    fn variable(&mut self, variable: &Variable) {
        if variable.typed {
            // The words for people leave out the defaults of attributes.
            let words = variable.constraint.ty().friendly_constraint();
            self.form("type", Form::keyed(format!("{:?}", variable.constraint), words));
        }
        if let Some(default) = &variable.default {
            self.writer.is_secret = variable.secrecy != Secrecy::default();
            let form = self.writer.literal(default);
            self.form("default", form);
            self.writer.is_secret = false;
        }
        self.secrecy(variable.secrecy);
        if !variable.nullable {
            self.form("nullable", Form::of("false"));
        }
        self.rules("validation", &variable.rules);
    }

    fn output(&mut self, output: &Output) {
        self.argument("value", &output.expression, output.secrecy != Secrecy::default());
        self.secrecy(output.secrecy);
        self.rules("precondition", &output.preconditions);
        self.dependencies(&output.depends_on);
    }

    fn declared_identity(&mut self, identity: &Identity) {
        for argument in &identity.arguments {
            let name = &*argument.name.value;
            let field = identity.typed().field(name);
            self.argument(name, &argument.expression, field.is_some_and(Field::has_sensitive_part));
        }
        self.dependencies(&identity.depends_on);
    }

    fn module(&mut self, module: &Module) {
        if let Some(repetition) = &module.repetition {
            self.expression(repetition.keyword(), repetition.expression());
        }
        self.optional("when", module.when.as_ref());
        self.identity(module.identity.as_ref());
        self.dependencies(&module.depends_on);
    }

    fn settings(&mut self, settings: &Settings) {
        if settings.undoes_failures {
            self.form("on_failure", Form::of("\"undo\""));
        }
        if let Some(timeout) = settings.timeout {
            self.form("timeout", Form::of(format!("{timeout:?}")));
        }
        self.identity(settings.identity.as_ref());
        for limit in settings.limits.iter().flatten() {
            self.form(&format!("limits.{}", limit.name.value), Form::of(limit.most.to_string()));
        }
        if let Some(record) = &settings.record {
            for argument in &record.arguments {
                let name = format!("record.{}", argument.name.value);
                self.expression(&name, &argument.expression);
            }
        }
    }
}
