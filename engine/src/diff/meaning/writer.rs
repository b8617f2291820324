//! Writes expressions in their canonical form.

use std::sync::Arc;

use super::Form;
use super::inlined::Forms;
use crate::source::Spanned;
use crate::syntax::{
    Binary, Call, Conditional, Expression, ExpressionKind, For, ObjectItem, TraversalStep, is_identifier,
};
use crate::value::{Value, quote, show_inline};

/// The function that declares a value not to be secret; its use is always told.
const REVEALS: &str = "nonsensitive";

/// Writes the expressions of one runbook in their canonical form.
pub struct Writer<'a> {
    pub(super) forms: &'a Forms<'a>,
    /// The place of the runbook among the modules.
    pub(super) place: usize,
    /// The prefix of `each` and `count`: that of the module whose instances they are about.
    pub(super) each: String,
    /// The names that `for` expressions bind, outermost first.
    pub(super) bound: Vec<Arc<str>>,
    /// True within a part that is sensitive: constants are compared, and not shown.
    pub(super) is_secret: bool,
}

impl<'a> Writer<'a> {
    /// Returns the writer for the expressions of the runbook at `place`.
    pub fn new(forms: &'a Forms<'a>, place: usize) -> Self {
        Self { forms, place, each: String::new(), bound: Vec::new(), is_secret: false }
    }

    /// Returns the form of an expression.
    pub fn write(&mut self, expression: &Expression) -> Form {
        if let Some(value) = self.constant(expression) {
            return self.literal(&value);
        }
        match &expression.kind {
            ExpressionKind::Parenthesis(inner) | ExpressionKind::Wrap(inner) => self.write(inner),
            ExpressionKind::Template(template) => self.template(template),
            ExpressionKind::Variable(name) => self.name(name, expression.span, &[]),
            ExpressionKind::Traversal(traversal) => {
                if let ExpressionKind::Variable(name) = &traversal.base.kind {
                    return self.name(name, traversal.base.span, &traversal.steps);
                }
                let base = Form::default().operand(&self.write(&traversal.base));
                self.steps(base, &traversal.steps)
            }
            ExpressionKind::Tuple(elements) => {
                let elements: Vec<Form> = elements.iter().map(|element| self.write(element)).collect();
                Form::of("[").then(&Form::joined(&elements, ", ")).text("]")
            }
            ExpressionKind::Object(items) => self.object(items),
            ExpressionKind::Call(call) => self.call(call),
            ExpressionKind::Conditional(conditional) => self.conditional(conditional),
            ExpressionKind::Unary(unary) => {
                Form::of(unary.operator.value.symbol()).operand(&self.write(&unary.operand)).operation()
            }
            ExpressionKind::Binary(binary) => self.binary(binary),
            ExpressionKind::For(each) => self.for_expression(each),
            // A runbook with errors is not compared, and a literal is a constant.
            ExpressionKind::Literal(_) | ExpressionKind::Invalid => Form::of("?"),
        }
    }

    /// Returns the value of an expression that depends on nothing outside the runbook.
    pub(super) fn constant(&self, expression: &Expression) -> Option<Value> {
        if let ExpressionKind::Literal(value) = &expression.kind {
            return Some(value.clone());
        }
        let mut reveals = false;
        expression.walk(&mut |part| {
            reveals |= matches!(&part.kind, ExpressionKind::Call(call) if call.function() == REVEALS);
        });
        if reveals {
            return None;
        }
        let is_bound = |name: &Arc<str>| self.bound.contains(name);
        let references = expression.references();
        if references.iter().any(|reference| is_bound(&reference.root.value)) {
            return None;
        }
        self.forms.constant(self.place, expression, &references)
    }

    /// Returns the form of a constant.
    pub(super) fn literal(&self, value: &Value) -> Form {
        let text = show_inline(&value.without_marks(), usize::MAX);
        if self.is_secret || value.has_deep_marks() { Form::hidden(text) } else { Form::of(text) }
    }

    fn object(&mut self, items: &[ObjectItem]) -> Form {
        let mut written: Vec<(Option<Arc<str>>, Form)> = items.iter().map(|item| self.item(item)).collect();
        // The order of attributes has no meaning; that of computed keys is kept, because the last of equal ones counts.
        if written.iter().all(|(name, _)| name.is_some()) {
            written.sort_by(|(a, _), (b, _)| a.cmp(b));
        }
        let items: Vec<Form> = written.into_iter().map(|(_, form)| form).collect();
        Form::of("{ ").then(&Form::joined(&items, ", ")).text(" }")
    }

    /// Returns the form of an item of an object, with its key if that is constant.
    fn item(&mut self, item: &ObjectItem) -> (Option<Arc<str>>, Form) {
        let value = self.write(&item.value);
        let name = self.constant(&item.key).and_then(|key| key.as_str().map(Arc::from));
        let key = match &name {
            Some(name) if is_identifier(name) => Form::of(&**name),
            Some(name) => Form::of(quote(name)),
            None => Form::of("(").then(&self.write(&item.key)).text(")"),
        };
        (name, key.text(" = ").then(&value))
    }

    fn call(&mut self, call: &Call) -> Form {
        let outside = self.is_secret;
        self.is_secret |= matches!(call.function(), "sensitive" | "ephemeral");
        let arguments: Vec<Form> = call.arguments.iter().map(|argument| self.write(argument)).collect();
        self.is_secret = outside;
        let end = if call.expand { "...)" } else { ")" };
        let form = Form::of(format!("{}(", call.function())).then(&Form::joined(&arguments, ", ")).text(end);
        match arguments.into_iter().next() {
            Some(value) if call.function() == REVEALS => form.revealing(value),
            _ => form,
        }
    }

    fn conditional(&mut self, conditional: &Conditional) -> Form {
        let Conditional { condition, then, otherwise } = conditional;
        let [condition, then, otherwise] = [condition, then, otherwise].map(|part| self.write(part));
        Form::default()
            .operand(&condition)
            .text(" ? ")
            .operand(&then)
            .text(" : ")
            .operand(&otherwise)
            .operation()
    }

    fn binary(&mut self, binary: &Binary) -> Form {
        let (left, right) = (self.write(&binary.left), self.write(&binary.right));
        let operator = format!(" {} ", binary.operator.value.symbol());
        Form::default().operand(&left).text(&operator).operand(&right).operation()
    }

    fn for_expression(&mut self, each: &For) -> Form {
        let collection = self.write(&each.collection);
        let outside = self.bound.len();
        let names = self.bind(each.key_name.as_ref(), &each.value_name);
        let (open, close) = if each.key.is_some() { ("{", "}") } else { ("[", "]") };
        let mut form = Form::of(format!("{open}for {names} in ")).operand(&collection).text(" : ");
        if let Some(key) = &each.key {
            form = form.operand(&self.write(&key.expression)).text(" => ");
        }
        form = form.operand(&self.write(&each.result));
        if each.key.as_ref().is_some_and(|key| key.grouped) {
            form = form.text("...");
        }
        if let Some(condition) = &each.condition {
            form = form.text(" if ").operand(&self.write(condition));
        }
        self.bound.truncate(outside);
        form.text(close)
    }

    /// Binds the names of a `for`; returns them as they are written: by their depth, so that names do not count.
    pub(super) fn bind(&mut self, key: Option<&Spanned<Arc<str>>>, value: &Spanned<Arc<str>>) -> String {
        let first = self.bound.len();
        self.bound.extend(key.into_iter().chain([value]).map(|name| name.value.clone()));
        let names = (first..self.bound.len()).map(bound_name);
        names.collect::<Vec<_>>().join(", ")
    }

    /// Appends the steps of a traversal.
    pub(super) fn steps(&mut self, base: Form, steps: &[Spanned<TraversalStep>]) -> Form {
        let mut form = base;
        for (at, step) in steps.iter().enumerate() {
            form = match &step.value {
                TraversalStep::Attribute(name) => form.text(&format!(".{name}")),
                TraversalStep::Index(key) => self.index(form, key),
                TraversalStep::Splat(inner) => {
                    let form = self.steps(form.text("[*]"), inner);
                    if at + 1 < steps.len() { Form::of("(").then(&form).text(")") } else { form }
                }
            };
        }
        form
    }

    fn index(&mut self, form: Form, key: &Expression) -> Form {
        let name = self.constant(key).and_then(|key| key.as_str().map(str::to_owned));
        match name.filter(|name| is_identifier(name)) {
            Some(name) => form.text(&format!(".{name}")),
            None => form.text("[").then(&self.write(key)).text("]"),
        }
    }
}

/// Returns the name of the variable that is bound at a depth.
pub(super) fn bound_name(depth: usize) -> String {
    format!("v{depth}")
}
