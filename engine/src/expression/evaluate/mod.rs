//! Evaluation: an expression and a scope give a value, or all that is wrong with it.

mod budget;
mod call;
mod collection;
mod given;
mod jinja;
mod operator;
mod shown;
mod special;
mod template;
mod template_file;
mod traversal;

pub use call::function_names;

use std::sync::Arc;

use budget::Budget;

use super::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics, Shown};
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Marks, Origins, Type, Value, Weight, convert};

/// The value of `expression`, or every independent error in it.
///
/// Where an operand is unknown the result is unknown, and waits for what the operand waits for; where one is
/// sensitive or ephemeral, the result or the part of it that it went into is. What a deep or repeated expression may cost is
/// bounded: past ten million steps it is an error.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let value = Evaluator::new(scope).evaluate(expression)?;
    if Weight::of([&value]).is_inflated() {
        return Err(inflated(expression).into());
    }
    Ok(value)
}

/// The error for a value that is too large to be gone through, as every reader of it does.
fn inflated(expression: &Expression) -> Diagnostic {
    Diagnostic::error("too-large", "this value is too large, for it holds the same again and again")
        .at(expression.span, "this doubles what is in it, or repeats it many times")
        .detail("A value with more than a million parts, or 64 MiB of text, may hold no more than eight of each on average.")
        .help("refer to the part that is needed, where it is needed, in place of the whole")
}

/// Adds to `error` what the references in `expression` stand for, as in the messages of [`evaluate`].
pub fn explain(error: Diagnostic, expression: &Expression, scope: &dyn Scope) -> Diagnostic {
    Evaluator::new(scope).explain(error, expression)
}

/// What the names in `expression` stand for, as a message about it shows them; nothing of a sensitive value is told.
#[must_use]
pub fn seen(expression: &Expression, scope: &dyn Scope) -> Vec<Shown> {
    Evaluator::new(scope).seen(expression)
}

type Evaluated = Result<Value, Diagnostics>;

struct Evaluator<'a> {
    scope: &'a dyn Scope,
    /// The names that the `for`s around bind, the innermost last.
    bound: Vec<(Arc<str>, Value)>,
    budget: Budget,
    /// Whether this is the inside of a template file, which may not hold another.
    in_template_file: bool,
}

impl<'a> Evaluator<'a> {
    fn new(scope: &'a dyn Scope) -> Self {
        Self { scope, bound: Vec::new(), budget: Budget::default(), in_template_file: false }
    }

    fn evaluate(&mut self, expression: &Expression) -> Evaluated {
        self.spend(1, expression.span)?;
        match &expression.kind {
            ExpressionKind::Literal(value) => Ok(value.clone()),
            ExpressionKind::Template(template) => self.template(template, expression),
            ExpressionKind::Wrap(inner) | ExpressionKind::Parenthesis(inner) => self.evaluate(inner),
            ExpressionKind::Variable(name) => self.name(name, expression.span, &[], expression),
            ExpressionKind::Traversal(traversal) => self.traversal(traversal, expression),
            ExpressionKind::Tuple(elements) => self.tuple(elements, expression),
            ExpressionKind::Object(items) => self.object(items, expression),
            ExpressionKind::Call(call) => self.call(call, expression),
            ExpressionKind::Conditional(conditional) => self.conditional(conditional, expression),
            ExpressionKind::Unary(unary) => self.unary(unary),
            ExpressionKind::Binary(binary) => self.binary(binary, expression),
            ExpressionKind::For(each) => self.for_expression(each, expression),
            // It has been complained of.
            ExpressionKind::Invalid => Ok(Value::unknown(Type::Any, Origins::default())),
        }
    }

    fn spend(&mut self, steps: usize, at: Span) -> Result<(), Diagnostics> {
        self.budget.spend(steps).map_err(|error| error.at(at, "given up here").into())
    }

    /// Pays for going through values, of which something may be there many times.
    fn spend_on<'v>(
        &mut self,
        values: impl IntoIterator<Item = &'v Value>,
        at: Span,
    ) -> Result<(), Diagnostics> {
        self.budget.spend_on(values).map_err(|error| error.at(at, "given up here").into())
    }

    /// The value, which must be a bool or unknown, for `what` such as "the condition of a conditional".
    fn condition(&self, value: &Value, expression: &Expression, what: &str) -> Evaluated {
        if value.is_null() {
            let error = Diagnostic::error("null-condition", format!("{what} is null"))
                .at(expression.span, "this must be true or false");
            return Err(self.explain(error, expression).into());
        }
        convert(value, &Type::Bool).map_err(|_| {
            let error = Diagnostic::error("wrong-type", format!("{what} must be true or false"))
                .at(expression.span, format!("this is {}", value.ty().with_article()))
                .help("compare it with something, such as `x == \"\"` or `x != null`");
            self.explain(error, expression).into()
        })
    }

    /// The value as one of type `ty`, which `expression` must have because of `summary`.
    fn convert(&self, value: &Value, ty: &Type, summary: &str, expression: &Expression) -> Evaluated {
        convert(value, ty).map_err(|error| {
            // The error may cite what is in the value.
            let reason = if value.has_deep_marks() {
                format!("{} is required", ty.friendly_constraint())
            } else if self.is_given(expression) {
                error.discreet()
            } else {
                error.to_string()
            };
            let error = Diagnostic::error("wrong-type", summary).at(expression.span, reason);
            self.explain(error, expression).into()
        })
    }
}

/// Unknown of type `ty`, but certainly not null, until the origins of these are known; with their marks.
fn unknown_of(ty: Type, values: &[&Value]) -> Value {
    let origins = values.iter().map(|value| value.origins()).collect();
    Value::unknown(ty, origins).not_null().with_marks(&marks_of(values))
}

/// The marks of the values themselves.
fn marks_of(values: &[&Value]) -> Marks {
    values.iter().map(|value| value.marks().clone()).collect()
}

fn known_bool(value: &Value) -> Option<bool> {
    match value.data() {
        Data::Bool(value) => Some(*value),
        _ => None,
    }
}
