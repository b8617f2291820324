//! Evaluates the functions that evaluate their arguments themselves.

use super::{Evaluated, Evaluator};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::expression::functions::Example;
use crate::syntax::{Call, Expression};
use crate::value::{Marks, Origins, Type, Value};

/// One of them.
pub(in crate::expression) struct Special {
    pub name: &'static str,
    /// The signature.
    pub signature: &'static str,
    /// The result, in one sentence.
    pub description: &'static str,
    pub example: Example,
    /// True if only the console has it.
    pub is_of_console: bool,
    body: Body,
}

type Body = for<'a, 'b> fn(&'a mut Evaluator<'b>, &Call, &Expression) -> Evaluated;

/// All of them, in the order of their names.
pub(in crate::expression) static SPECIAL: [Special; 5] = [
    Special {
        name: "can",
        signature: "can(expression)",
        description: "True if an expression can be evaluated without an error.",
        example: Example { expression: r#"can(tonumber("twelve"))"#, result: "false" },
        is_of_console: false,
        body: |evaluator, call, _| evaluator.can(call),
    },
    Special {
        name: "templatefile",
        signature: "templatefile(path, vars)",
        description: "The text that a template in a file gives with variables; in Jinja's language when its name ends in `.j2`.",
        example: Example {
            expression: r#"templatefile("hosts.tftpl", { hosts = ["vm1", "vm2"] })"#,
            result: "<<-EOT\n  vm1 up\n  vm2 up\nEOT",
        },
        is_of_console: false,
        body: |evaluator, call, expression| evaluator.template_file(call, expression),
    },
    Special {
        name: "templatestring",
        signature: "templatestring(template, vars)",
        description: "The text that a template gives with variables; it is referred to, not written out.",
        example: Example {
            expression: r#"[for text in ["Hello, $${name}!"] : templatestring(text, { name = "West" })]"#,
            result: r#"["Hello, West!"]"#,
        },
        is_of_console: false,
        body: |evaluator, call, expression| evaluator.template_string(call, expression),
    },
    Special {
        name: "try",
        signature: "try(expressions...)",
        description: "The value of the first of the expressions that has one.",
        example: Example {
            expression: r#"try(jsondecode("no JSON").name, "nobody")"#,
            result: r#""nobody""#,
        },
        is_of_console: false,
        body: |evaluator, call, _| evaluator.try_each(call),
    },
    Special {
        name: "type",
        signature: "type(value)",
        description: "The type of a value, as it is written; only in `arcbook console`.",
        example: Example {
            expression: r#"type({ name = "vm1" })"#,
            result: "object({\n    name: string,\n})",
        },
        is_of_console: true,
        body: |evaluator, call, _| evaluator.type_of(call),
    },
];

impl Evaluator<'_> {
    /// Evaluates the call if it is of one of these functions.
    pub(super) fn special(&mut self, name: &str, call: &Call, expression: &Expression) -> Option<Evaluated> {
        let is_here =
            |special: &&Special| special.name == name && (!special.is_of_console || self.scope.is_console());
        let body = SPECIAL.iter().find(is_here)?.body;
        Some(body(self, call, expression))
    }

    /// Returns the first argument without an error.
    fn try_each(&mut self, call: &Call) -> Evaluated {
        let mut failures = Diagnostics::new();
        // The failure of an argument reveals something about its values.
        let mut marks = Marks::NONE;
        for argument in &call.arguments {
            match self.attempt(argument)? {
                Attempt::Open(origins) => {
                    let unknown = Value::unknown(Type::Any, origins).with_marks(&self.marks_within(argument));
                    return Ok(unknown.with_marks(&marks));
                }
                Attempt::Value(value) => return Ok(value.with_marks(&marks)),
                Attempt::Failure(failure) => {
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
            .help("add a last argument that always has a value, such as `null`");
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
        let result = match self.attempt(argument)? {
            Attempt::Open(origins) => Value::unknown(Type::Bool, origins).not_null(),
            Attempt::Value(_) => Value::from(true),
            Attempt::Failure(_) => Value::from(false),
        };
        Ok(result.with_marks(&self.marks_within(argument)))
    }

    /// Returns the type of the argument, in the notation of type expressions.
    fn type_of(&mut self, call: &Call) -> Evaluated {
        match call.arguments.as_slice() {
            [argument] => Ok(Value::from(self.evaluate(argument)?.ty().to_string())),
            _ => Err(wrong_arguments(call, "`type` takes one argument").into()),
        }
    }

    /// Evaluates an argument whose failure is no error; the failures that no value changes are errors.
    fn attempt(&mut self, argument: &Expression) -> Result<Attempt, Diagnostics> {
        if let Some(origins) = self.waits(argument) {
            return Ok(Attempt::Open(origins));
        }
        let around = self.open.replace(Vec::new());
        let result = self.evaluate(argument);
        let open = std::mem::replace(&mut self.open, around).unwrap_or_default();
        match result {
            Err(failure) if is_final(&failure) => Err(failure),
            _ if !open.is_empty() => Ok(Attempt::Open(open.into_iter().collect())),
            Ok(value) => Ok(Attempt::Value(value)),
            Err(failure) => Ok(Attempt::Failure(failure)),
        }
    }

    /// Returns the origins of the unknown values to which `expression` refers; none without one.
    fn waits(&self, expression: &Expression) -> Option<Origins> {
        let mut origins: Option<Origins> = None;
        for reference in expression.references() {
            let Some((_, value)) = self.known_prefix(&reference) else { continue };
            if !value.is_wholly_known() {
                origins.get_or_insert_default().add(&value.origins());
            }
        }
        origins
    }
}

/// The result of an argument whose failure is no error.
enum Attempt {
    /// It depends on a value that is unknown, so it may fail or not.
    Open(Origins),
    Value(Value),
    Failure(Diagnostics),
}

/// Returns true if the failure does not depend on the values, so that `try` must not hide it.
fn is_final(failure: &Diagnostics) -> bool {
    failure.iter().any(|error| error.code == "too-costly")
}

pub(super) fn wrong_arguments(call: &Call, summary: &str) -> Diagnostic {
    Diagnostic::error("wrong-arguments", summary).at(call.name.span, "")
}
