//! Holds the forms of the values that are written out where they are used: local values, and what goes into and comes
//! out of modules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Form;
use super::writer::Writer;
use crate::diagnostic::Diagnostic;
use crate::expression::{Resolved, Scope, evaluate, functions};
use crate::graph::{Item, ModuleId, Place};
use crate::plan::{EvalScope, Plan};
use crate::runbook::{Secrecy, Target};
use crate::syntax::{Expression, ExpressionKind, Reference};
use crate::value::{Value, show_inline};

/// A value that is written out where it is used.
#[derive(Clone)]
pub struct Inlined {
    /// The form.
    pub form: Form,
    /// The value, if it depends on nothing outside the runbook.
    pub constant: Option<Value>,
    /// The forms of the attributes, if it is an object that is written out.
    pub members: BTreeMap<Arc<str>, Form>,
}

/// The values of a runbook that are written out where they are used, by their indices.
#[derive(Default)]
struct Known {
    locals: BTreeMap<usize, Inlined>,
    variables: BTreeMap<usize, Inlined>,
    outputs: BTreeMap<usize, Inlined>,
}

/// The runbook and its modules, with the values that are written out where they are used.
pub struct Forms<'a> {
    plan: &'a Plan,
    /// For each place, a module with the files that its functions read; one without instances reads none.
    modules: Vec<ModuleId>,
    known: Vec<Known>,
}

impl<'a> Forms<'a> {
    /// Writes the values of a plan's runbook and modules.
    pub fn of(plan: &'a Plan) -> Self {
        let known = plan.blocks.runbooks.iter().map(|_| Known::default()).collect();
        let mut modules = vec![ModuleId::ROOT; plan.blocks.runbooks.len()];
        for (id, module) in plan.state.modules.iter() {
            modules[module.place] = id;
        }
        let mut forms = Self { plan, modules, known };
        // Each value comes after those that it uses, so long chains need no stack.
        for block in &plan.blocks.order {
            let place = block.place;
            match block.item {
                Item::Local(index) => {
                    let expression = &forms.place(place).runbook.locals[index].expression;
                    let local = inlined(Writer::new(&forms, place), expression);
                    forms.known[place].locals.insert(index, local);
                }
                Item::Output(index) if place > 0 => {
                    let output = &forms.place(place).runbook.outputs[index];
                    let mut value = inlined(Writer::new(&forms, place), &output.expression);
                    value.declare(output.secrecy, &output.name.value);
                    forms.known[place].outputs.insert(index, value);
                }
                Item::Variable(index) => {
                    let given = forms.given(place, index);
                    forms.known[place].variables.extend(given.map(|given| (index, given)));
                }
                _ => {}
            }
        }
        forms
    }

    /// Returns the runbook at a place among the modules.
    pub fn place(&self, place: usize) -> &'a Place {
        &self.plan.blocks.runbooks[place]
    }

    /// Returns a value that is written out where it is used.
    pub fn get(&self, place: usize, target: Target) -> Option<&Inlined> {
        let known = &self.known[place];
        match target {
            Target::Local(index) => known.locals.get(&index),
            Target::Variable(index) => known.variables.get(&index),
            _ => None,
        }
    }

    /// Returns the output of the module whose runbook is at a place.
    pub fn output(&self, place: usize, index: usize) -> Option<&Inlined> {
        self.known[place].outputs.get(&index)
    }

    /// Returns the value of an expression of the runbook at `place`, if it depends on nothing outside the runbook.
    pub fn constant(&self, place: usize, expression: &Expression, references: &[Reference]) -> Option<Value> {
        if !references.iter().all(|reference| self.constant_of(place, reference).is_some()) {
            return None;
        }
        let value = evaluate(expression, &self.scope(place)).ok()?;
        value.is_wholly_known().then_some(value)
    }

    /// Returns the constant that a reference names, and the number of segments that name it.
    fn constant_of(&self, place: usize, reference: &Reference) -> Option<(&Value, usize)> {
        let (target, used) = self.place(place).runbook.names.resolve(reference).ok()?;
        Some((self.get(place, target)?.constant.as_ref()?, used))
    }

    fn scope(&self, place: usize) -> Constants<'_> {
        Constants { forms: self, place, around: self.plan.state.scope(self.modules[place]) }
    }

    /// Returns the value that a `module` block gives to a variable.
    fn given(&self, place: usize, index: usize) -> Option<Inlined> {
        let Place { runbook, user, .. } = self.place(place);
        let (parent, block) = (*user)?;
        let variable = &runbook.variables[index];
        let module = &self.place(parent).runbook.modules[block];
        let mut value = if let Some(argument) = module.argument(&variable.name.value) {
            let mut writer = Writer::new(self, parent);
            writer.each = format!("{}{}.", self.place(parent).prefix, module.address());
            writer.is_secret = variable.secrecy != Secrecy::default();
            inlined(writer, &argument.expression)
        } else {
            let value = variable.default.clone()?;
            let form = Writer::new(self, place).literal(&value);
            Inlined { form, constant: Some(value), members: BTreeMap::new() }
        };
        // The value in the module is one of the declared type.
        value.constant = value.constant.and_then(|value| variable.constraint.apply(&value).ok());
        if let Some(constant) = &value.constant {
            value.form = Writer::new(self, place).literal(constant);
            value.members.clear();
        }
        value.declare(variable.secrecy, &variable.name.value);
        Some(value)
    }
}

/// Writes an expression whose form is used where its value is.
fn inlined(mut writer: Writer<'_>, expression: &Expression) -> Inlined {
    let mut inner = expression;
    while let ExpressionKind::Parenthesis(inside) | ExpressionKind::Wrap(inside) = &inner.kind {
        inner = inside;
    }
    let mut members = BTreeMap::new();
    if let ExpressionKind::Object(items) = &inner.kind {
        for item in items {
            let Some(key) = writer.constant(&item.key) else { continue };
            members.extend(key.as_str().map(|name| (name.into(), writer.write(&item.value).limited())));
        }
        // A computed key may be any of them.
        if members.len() < items.len() {
            members.clear();
        }
    }
    Inlined { form: writer.write(expression).limited(), constant: writer.constant(expression), members }
}

impl Inlined {
    /// Marks the constant as its declaration says.
    fn declare(&mut self, secrecy: Secrecy, name: &str) {
        if secrecy != Secrecy::default() {
            let marks = secrecy.marks(|| name.to_owned());
            self.constant = self.constant.take().map(|value| value.with_marks(&marks));
            if let Some(value) = &self.constant {
                self.form = Form::hidden(show_inline(&value.without_marks(), usize::MAX));
            }
        }
    }
}

/// The scope of a runbook in which only constants have values.
struct Constants<'a> {
    forms: &'a Forms<'a>,
    place: usize,
    around: EvalScope<'a>,
}

impl Scope for Constants<'_> {
    fn resolve(&self, reference: &Reference) -> Result<Resolved<'_>, Box<Diagnostic>> {
        match self.forms.constant_of(self.place, reference) {
            Some((value, used)) => Ok(Resolved::one(value.clone(), used)),
            None => Err(Box::new(Diagnostic::error("not-constant", "no constant"))),
        }
    }

    fn functions(&self) -> functions::Context<'_> {
        self.around.functions()
    }
}
