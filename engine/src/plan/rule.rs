//! Evaluates conditions and rules.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::{Rule, Variable};
use crate::source::Span;
use crate::syntax::Expression;
use crate::value::{Data, Type, Value, convert};

/// The subject of a rule.
pub enum Subject<'a> {
    /// The value of a variable.
    Variable(&'a Variable),
    /// A precondition of the step at that address.
    Before(&'a str),
    /// A postcondition of the step at that address.
    After(&'a str),
    /// An output.
    Output(&'a str),
    /// A check, whose failure is only a warning.
    Check(&'a str),
}

/// Returns the failures of these rules; a rule that is not known yet passes for now.
pub fn check_all(rules: &[Rule], scope: &dyn Scope, subject: &Subject<'_>) -> Diagnostics {
    let mut found = Diagnostics::new();
    for rule in rules {
        if let Some(unmet) = found.take(check(rule, scope, subject)) {
            found.extend(unmet);
        }
    }
    found
}

fn check(rule: &Rule, scope: &dyn Scope, subject: &Subject<'_>) -> Result<Option<Diagnostic>, Diagnostics> {
    if holds(&rule.condition, scope)? != Some(false) {
        return Ok(None);
    }
    let message = message(&evaluate(&rule.message, scope)?, rule.message.span)?;
    Ok(Some(explain(subject.unmet(rule).detail(message), &rule.condition, scope)))
}

/// Evaluates a condition; none if it is not known yet.
pub fn holds(condition: &Expression, scope: &dyn Scope) -> Result<Option<bool>, Diagnostics> {
    truth(condition, &evaluate(condition, scope)?, scope)
}

/// Converts `value`, the result of a condition, to a boolean; none if it is not known yet.
pub fn truth(condition: &Expression, value: &Value, scope: &dyn Scope) -> Result<Option<bool>, Diagnostics> {
    let not_a_condition = |what: String| {
        Diagnostic::error("wrong-type", "a condition must be true or false").at(condition.span, what)
    };
    let is_bool = !matches!(value.ty(), Type::Number);
    match convert(value, &Type::Bool).as_ref().map(Value::data) {
        Ok(Data::Bool(truth)) if is_bool => Ok(Some(*truth)),
        Ok(Data::Unknown(_)) if is_bool => Ok(None),
        Ok(Data::Null(_)) => {
            Err(explain(not_a_condition("this is null".to_owned()), condition, scope).into())
        }
        _ => Err(not_a_condition(format!("this is {}", value.ty().with_article())).into()),
    }
}

fn message(value: &Value, span: Span) -> Result<String, Diagnostics> {
    if let Some(word) = value.deep_marks().word() {
        return Ok(format!("The message of the rule is {word}, so arcbook does not show it."));
    }
    match convert(value, &Type::String).as_ref().map(Value::data) {
        Ok(Data::String(text)) => Ok(text.to_string()),
        Ok(Data::Unknown(_)) => Ok("The message of the rule is not known yet.".to_owned()),
        _ => Err(Diagnostic::error("wrong-type", "a message must be text").at(span, "this is not").into()),
    }
}

impl Subject<'_> {
    fn unmet(&self, rule: &Rule) -> Diagnostic {
        let at = |diagnostic: Diagnostic| diagnostic.marked(rule.condition.span, "this is false");
        match self {
            Self::Variable(variable) => {
                let name = &variable.name.value;
                let summary = format!("the value of the variable `{name}` is not allowed");
                at(Diagnostic::error("invalid-variable", summary))
                    .also(variable.name.span, "of this variable")
            }
            Self::Before(address) => {
                at(Diagnostic::error("failed-precondition", "a precondition is false")).about(*address)
            }
            Self::After(address) => {
                at(Diagnostic::error("failed-postcondition", "a postcondition is false")).about(*address)
            }
            Self::Output(name) => {
                let summary = format!("a precondition of the output `{name}` is false");
                at(Diagnostic::error("failed-precondition", summary))
            }
            Self::Check(name) => at(Diagnostic::warning("failed-check", format!("the check `{name}` fails"))),
        }
    }
}
