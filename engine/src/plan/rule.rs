//! Whether rules hold.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::{Scope, evaluate, explain};
use crate::runbook::{Rule, Variable};
use crate::source::Span;
use crate::value::{Data, Type, Value, convert};

/// What a rule is about.
pub enum Subject<'a> {
    /// The value of a variable.
    Variable(&'a Variable),
    /// What must hold before the step at that address.
    Before(&'a str),
    /// What must hold after it.
    After(&'a str),
    /// An output.
    Output(&'a str),
    /// A check, which only warns.
    Check(&'a str),
}

/// What is wrong by these rules; a rule that cannot be decided yet holds for now.
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
    let condition = evaluate(&rule.condition, scope)?;
    let is_bool = |value: &Value| !matches!(value.ty(), Type::Number);
    match convert(&condition, &Type::Bool).as_ref().map(Value::data) {
        Ok(Data::Bool(true) | Data::Unknown(_)) if is_bool(&condition) => return Ok(None),
        Ok(Data::Bool(false)) if is_bool(&condition) => {}
        Ok(Data::Null(_)) => return Err(not_a_condition(rule, "this is null").into()),
        _ => {
            let kind = format!("this is {}", condition.ty().friendly_name());
            return Err(not_a_condition(rule, &kind).into());
        }
    }
    let message = message(&evaluate(&rule.message, scope)?, rule.message.span)?;
    Ok(Some(explain(subject.unmet(rule).detail(message), &rule.condition, scope)))
}

fn not_a_condition(rule: &Rule, what: &str) -> Diagnostic {
    Diagnostic::error("wrong-type", "a condition must be true or false").at(rule.condition.span, what)
}

fn message(value: &Value, span: Span) -> Result<String, Diagnostics> {
    if let Some(word) = value.deep_marks().word() {
        return Ok(format!("The message of the rule is {word}, so it is not shown."));
    }
    match convert(value, &Type::String).as_ref().map(Value::data) {
        Ok(Data::String(text)) => Ok(text.to_string()),
        Ok(Data::Unknown(_)) => Ok("The message of the rule is not known yet.".to_owned()),
        _ => Err(Diagnostic::error("wrong-type", "a message must be text").at(span, "this is not").into()),
    }
}

impl Subject<'_> {
    fn unmet(&self, rule: &Rule) -> Diagnostic {
        let at = |diagnostic: Diagnostic| diagnostic.at(rule.condition.span, "this does not hold");
        match self {
            Self::Variable(variable) => {
                let name = &variable.name.value;
                let summary = format!("the value of the variable `{name}` is not allowed");
                at(Diagnostic::error("invalid-variable", summary))
                    .also(variable.name.span, "of this variable")
            }
            Self::Before(address) => {
                at(Diagnostic::error("failed-precondition", "a precondition does not hold")).about(*address)
            }
            Self::After(address) => {
                at(Diagnostic::error("failed-postcondition", "a postcondition does not hold")).about(*address)
            }
            Self::Output(name) => {
                let summary = format!("a precondition of the output `{name}` does not hold");
                at(Diagnostic::error("failed-precondition", summary))
            }
            Self::Check(name) => at(Diagnostic::warning("failed-check", format!("the check `{name}` fails"))),
        }
    }
}
