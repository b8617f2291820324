//! Evaluates function calls.

use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::functions::{self, CallError, Context, Reach};
use crate::expression::{query_error, suggest_function};
use crate::syntax::{Call, Expression, Reference};
use crate::value::{Marks, Type, Value};

use super::budget::too_costly;
use super::special;

/// The arguments of a call, with the marks and origins that apply to the result as a whole.
pub(super) enum Arguments {
    Known {
        values: Vec<Value>,
        marks: Marks,
    },
    /// A list expanded by `...` is unknown, so the number of arguments is too.
    Unknown(Value),
}

impl Evaluator<'_> {
    pub(super) fn call(&mut self, call: &Call, expression: &Expression) -> Evaluated {
        let result = self.result(call, expression);
        if let (Some(open), Ok(value)) = (&mut self.open, &result)
            && !value.is_wholly_known()
        {
            open.push(value.origins());
        }
        result
    }

    fn result(&mut self, call: &Call, expression: &Expression) -> Evaluated {
        let name = &*call.name.value;
        if let Some(result) = self.special(name, call, expression) {
            return result;
        }
        if functions::find(name).is_none() {
            return Err(no_function(name, call).into());
        }
        let (values, marks) = match self.arguments(call)? {
            Arguments::Known { values, marks } => (values, marks),
            Arguments::Unknown(result) => return Ok(result),
        };
        self.spend_on(&values, expression.span)?;
        let result = functions::call(name, &values, &self.context(name, call))
            .map_err(|error| self.failed_call(&error, &values, call, expression))?;
        self.pay_for(&result, expression.span)?;
        Ok(result.with_marks(&marks))
    }

    /// Evaluates the arguments, and expands the last one if `...` follows it.
    pub(super) fn arguments(&mut self, call: &Call) -> Result<Arguments, Diagnostics> {
        let mut found = Diagnostics::new();
        let mut values: Vec<_> =
            call.arguments.iter().filter_map(|argument| found.take(self.evaluate(argument))).collect();
        let Some(expression) = call.arguments.last().filter(|_| call.expand && !found.has_errors()) else {
            return found.or(Arguments::Known { values, marks: Marks::NONE });
        };
        let Some(spread) = values.pop() else {
            return found.or(Arguments::Known { values, marks: Marks::NONE });
        };
        let is_map = matches!(spread.ty(), Type::Map(_) | Type::Object(_));
        if is_map {
            let error = Diagnostic::error("wrong-type", "`...` cannot spread a map or an object")
                .at(expression.span, "this must be a list, a set or a tuple")
                .help("spread its values with `values(x)...`");
            return Err(self.explain(error, expression).into());
        }
        match self.entries(&spread, expression, "`...`")? {
            None => {
                let marks = values.iter().chain([&spread]).map(Value::deep_marks).collect();
                Ok(Arguments::Unknown(Value::unknown(Type::Any, spread.origins()).with_marks(&marks)))
            }
            Some(entries) => {
                self.spend(entries.len(), expression.span)?;
                values.extend(entries.into_iter().map(|(_, value)| value));
                Ok(Arguments::Known { values, marks: spread.marks().clone() })
            }
        }
    }

    /// Returns the context of the function. Any file is reachable if a variable occurs in the arguments.
    pub(super) fn context(&self, name: &str, call: &Call) -> Context<'_> {
        let mut context = self.scope.functions();
        context.room = context.room.min(self.budget.text());
        let is_variable = |reference: &Reference| &*reference.root.value == "var";
        let refers = |argument: &Expression| argument.references().iter().any(is_variable);
        if functions::reads_files(name)
            && self.bound_value("var").is_none()
            && call.arguments.iter().any(refers)
        {
            context.reach = Reach::Anywhere;
        }
        context
    }

    fn failed_call(
        &self,
        error: &CallError,
        values: &[Value],
        call: &Call,
        expression: &Expression,
    ) -> Diagnostics {
        if let Some(error) = query_error(expression) {
            return error.into();
        }
        if let CallError::TooLong { name } = error {
            let detail = format!("`{name}` would exceed the limits of an expression.");
            return too_costly(detail).at(call.name.span, "given up here").into();
        }
        let last = call.arguments.len().checked_sub(1);
        let argument = error.argument().zip(last).map(|(at, last)| &call.arguments[at.min(last)]);
        let code = match error {
            CallError::TooFew { .. } | CallError::TooMany { .. } => "wrong-arguments",
            _ => "failed-call",
        };
        let name = &call.name.value;
        let summary = match error {
            CallError::TooFew { .. } => format!("not enough arguments for `{name}`"),
            CallError::TooMany { .. } => format!("too many arguments for `{name}`"),
            _ => format!("`{name}` failed"),
        };
        let label = match error {
            CallError::Argument { reason, .. } | CallError::Failed { reason, .. } => {
                self.without_given(told(reason, values), values, expression)
            }
            CallError::TooFew { missing, .. } => format!("`{missing}` is missing"),
            CallError::TooMany { .. } => "one too many".to_owned(),
            CallError::NoFunction(_) | CallError::TooLong { .. } => error.to_string(),
        };
        let takes = matches!(error, CallError::TooFew { .. } | CallError::TooMany { .. });
        let signature = functions::find(call.function())
            .filter(|_| takes)
            .map(|function| format!("it is called as `{}`", function.signature()));
        let at = argument.map_or(call.name.span, |argument| argument.span);
        let error = Diagnostic::error(code, summary).at(at, label).maybe_help(signature);
        self.explain(error, argument.unwrap_or(expression)).into()
    }
}

/// Returns the reason of a failure, unless it may quote a marked argument.
pub(super) fn told(reason: &str, values: &[Value]) -> String {
    let marks = values.iter().fold(Marks::NONE, |all, value| all.union(&value.deep_marks()));
    match marks.word() {
        Some(word) => format!("invalid argument; the reason is hidden because an argument is {word}"),
        None => reason.to_owned(),
    }
}

/// Returns the names of everything that can be called.
pub fn function_names() -> impl Iterator<Item = &'static str> {
    functions::names()
        .chain(special::SPECIAL.iter().filter(|special| !special.is_of_console).map(|special| special.name))
}

fn no_function(name: &str, call: &Call) -> Diagnostic {
    Diagnostic::error("unknown-function", format!("there is no function `{name}`"))
        .at(call.name.span, "not known")
        .maybe_help(suggest_function(name))
}
