//! Evaluates the functions that evaluate their arguments themselves.

use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::syntax::{Call, Expression};
use crate::value::{Data, Marks, Origins, Type, Value};

pub(super) const NAMES: [&str; 4] = ["try", "can", "templatefile", "templatestring"];

impl Evaluator<'_> {
    /// Evaluates the call if it is of one of these functions.
    pub(super) fn special(&mut self, name: &str, call: &Call, expression: &Expression) -> Option<Evaluated> {
        Some(match name {
            "try" => self.try_each(call),
            "can" => self.can(call),
            "templatefile" => self.template_file(call, expression),
            "templatestring" => self.template_string(call, expression),
            "type" if self.scope.is_console() => self.type_of(call),
            _ => return None,
        })
    }

    /// Returns the first argument without an error.
    fn try_each(&mut self, call: &Call) -> Evaluated {
        let mut failures = Diagnostics::new();
        // The failure of an argument reveals something about its values.
        let mut marks = Marks::NONE;
        for argument in &call.arguments {
            if let Some(unknown) = self.waits(argument) {
                return Ok(unknown.with_marks(&marks));
            }
            match self.evaluate(argument) {
                Ok(value) => return Ok(value.with_marks(&marks)),
                Err(failure) if is_final(&failure) => return Err(failure),
                Err(failure) => {
                    failures.append(failure);
                    marks.add(&self.marks_within(argument));
                }
            }
        }
        if call.arguments.is_empty() {
            return Err(wrong_arguments(call, "`try` needs at least one argument").into());
        }
        let mut error = Diagnostic::error("failed-call", "none of the arguments of `try` has a value")
            .at(call.name.span, "")
            .help("give it a last argument that always has one, such as `null`");
        for failure in &failures {
            if let Some(label) = &failure.primary {
                error = error.because(label.span, failure.in_one_line());
            }
        }
        Err(error.into())
    }

    /// Returns whether the argument has no error.
    fn can(&mut self, call: &Call) -> Evaluated {
        let [argument] = call.arguments.as_slice() else {
            return Err(wrong_arguments(call, "`can` takes one argument").into());
        };
        if let Some(unknown) = self.waits(argument) {
            let Data::Unknown(waits) = unknown.data() else { return Ok(unknown) };
            let open = Value::unknown(Type::Bool, waits.origins.clone()).not_null();
            return Ok(open.with_marks(unknown.marks()));
        }
        let marks = self.marks_within(argument);
        match self.evaluate(argument) {
            Err(failure) if is_final(&failure) => Err(failure),
            result => Ok(Value::from(result.is_ok()).with_marks(&marks)),
        }
    }

    /// Returns the type of the argument, in the notation of type expressions.
    fn type_of(&mut self, call: &Call) -> Evaluated {
        match call.arguments.as_slice() {
            [argument] => Ok(Value::from(self.evaluate(argument)?.ty().to_string())),
            _ => Err(wrong_arguments(call, "`type` takes one argument").into()),
        }
    }

    /// Returns an unknown value if `expression` depends on one, since it may then still fail or not.
    fn waits(&self, expression: &Expression) -> Option<Value> {
        let mut origins: Option<Origins> = None;
        for reference in expression.references() {
            let Some((_, value)) = self.known_prefix(&reference) else { continue };
            if !value.is_wholly_known() {
                origins.get_or_insert_default().add(&value.origins());
            }
        }
        origins.map(|origins| Value::unknown(Type::Any, origins).with_marks(&self.marks_within(expression)))
    }
}

/// Returns true if the failure does not depend on the values, so that `try` must not hide it.
fn is_final(failure: &Diagnostics) -> bool {
    failure.iter().any(|error| error.code == "too-costly")
}

pub(super) fn wrong_arguments(call: &Call, summary: &str) -> Diagnostic {
    Diagnostic::error("wrong-arguments", summary).at(call.name.span, "")
}
