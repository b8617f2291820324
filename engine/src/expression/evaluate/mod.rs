//! Evaluates an expression in a scope, to a value or to all its errors.

mod budget;
mod call;
mod collection;
mod given;
mod jinja;
mod nothing;
mod operator;
mod render;
mod shown;
mod special;
mod template;
mod template_check;
mod template_fault;
mod template_file;
mod template_release;
mod traversal;

pub use call::function_names;
pub(crate) use given::texts;
pub(crate) use nothing::references_within;
pub use render::{TemplateLanguage, render_template};
pub(super) use special::SPECIAL;
pub use template_check::{check_template, check_template_text};
pub use template_file::is_jinja;

use std::sync::Arc;

use budget::Budget;
use template_file::Around;

use super::Scope;
use crate::diagnostic::{Diagnostic, Diagnostics, Shown};
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};
use crate::value::{Data, Marks, Origins, Type, Value, Weight, convert};

/// Evaluates `expression`; the error contains every independent error in it.
///
/// The result is unknown if an operand is, with the same origins; a result, or the part of it that depends on
/// a sensitive or ephemeral operand, is marked too. The cost of deep or repeated expressions is limited to
/// ten million steps.
pub fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, Diagnostics> {
    let value = Evaluator::new(scope).evaluate(expression)?;
    if Weight::of([&value]).is_inflated() {
        return Err(inflated(expression).into());
    }
    Ok(value)
}

/// Returns the error for a value that is too large to traverse.
fn inflated(expression: &Expression) -> Diagnostic {
    Diagnostic::error("too-large", "this value is too large: it repeats the same content many times")
        .at(expression.span, "this doubles its content, or repeats it many times")
        .detail("A value with more than a million elements, or 64 MiB of text, may contain each of them eight times on average.")
        .help("refer to the needed part where you need it, not to the whole")
}

/// Adds to `error` the values of the references in `expression`, as [`evaluate`] does.
pub fn explain(error: Diagnostic, expression: &Expression, scope: &dyn Scope) -> Diagnostic {
    Evaluator::new(scope).explain(error, expression)
}

/// Returns the external source of a value in `expression`, if any.
#[must_use]
pub fn given_by(expression: &Expression, scope: &dyn Scope) -> Option<String> {
    Evaluator::new(scope).given_by_any(expression)
}

/// Returns the values of the names in `expression`, as a message about it shows them; sensitive values are
/// hidden.
#[must_use]
pub fn seen(expression: &Expression, scope: &dyn Scope) -> Vec<Shown> {
    Evaluator::new(scope).seen(expression)
}

type Evaluated = Result<Value, Diagnostics>;

struct Evaluator<'a> {
    scope: &'a dyn Scope,
    /// The names bound by enclosing `for` expressions, innermost last.
    bound: Vec<Bound>,
    budget: Budget,
    /// The enclosing template files, the outermost first.
    around: Vec<Around>,
    /// The origins of each unknown result of a call in an argument whose failure is no error; none outside of one.
    open: Option<Vec<Origins>>,
}

/// A name that a `for` binds.
#[derive(Clone)]
struct Bound {
    name: Arc<str>,
    value: Value,
    /// The external source of a value in the collection, if any.
    given_by: Option<Arc<str>>,
}

impl<'a> Evaluator<'a> {
    fn new(scope: &'a dyn Scope) -> Self {
        Self { scope, bound: Vec::new(), budget: Budget::default(), around: Vec::new(), open: None }
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
            // The error is reported already.
            ExpressionKind::Invalid => Ok(Value::unknown(Type::Any, Origins::default())),
        }
    }

    fn spend(&mut self, steps: usize, at: Span) -> Result<(), Diagnostics> {
        self.budget.spend(steps).map_err(|error| error.at(at, "given up here").into())
    }

    /// Spends the budget for traversing values with shared parts.
    fn spend_on<'v>(
        &mut self,
        values: impl IntoIterator<Item = &'v Value>,
        at: Span,
    ) -> Result<(), Diagnostics> {
        self.budget.spend_on(values).map_err(|error| error.at(at, "given up here").into())
    }

    /// Checks that a value is a bool or unknown; `what` names it, such as "the condition of a conditional".
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

    /// Converts a value of `expression` to type `ty`; `summary` is that of the error.
    fn convert(&self, value: &Value, ty: &Type, summary: &str, expression: &Expression) -> Evaluated {
        convert(value, ty).map_err(|error| {
            // The error may quote the value.
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

/// Returns an unknown value of type `ty` that is not null, with the origins and marks of `values`.
fn unknown_of(ty: Type, values: &[&Value]) -> Value {
    let origins = values.iter().map(|value| value.origins()).collect();
    Value::unknown(ty, origins).not_null().with_marks(&marks_of(values))
}

/// Returns the marks of the values themselves.
fn marks_of(values: &[&Value]) -> Marks {
    values.iter().map(|value| value.marks().clone()).collect()
}

fn known_bool(value: &Value) -> Option<bool> {
    match value.data() {
        Data::Bool(value) => Some(*value),
        _ => None,
    }
}
