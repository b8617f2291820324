//! Checks that ephemeral values do not reach values that are recorded.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::runbook::{Output, Step, Variable};
use crate::source::Span;
use crate::step::{ArgumentValues, Work};
use crate::value::{Data, Type, Value};

/// Returns an error if `value`, given at `span` to a variable of a module, is ephemeral and the variable is
/// not.
pub fn check_variable(value: &Value, variable: &Variable, span: Span) -> Result<(), Diagnostics> {
    if variable.secrecy.ephemeral || !is_ephemeral(value) {
        return Ok(());
    }
    Err(refused(&format!("the variable `{}`", variable.name.value), value, span)
        .also(variable.name.span, "not declared ephemeral")
        .help("add `ephemeral = true` to the variable, or give it `ephemeralasnull(…)`")
        .into())
}

/// Returns an error if exactly one of `value` and the output is ephemeral; `leaves` marks an output of the
/// root runbook, which cannot be ephemeral.
pub fn check_output(value: &Value, output: &Output, leaves: bool) -> Result<(), Diagnostics> {
    let span = output.expression.span;
    let name = &output.name.value;
    if output.secrecy.ephemeral {
        // A value of unknown type may turn out to be ephemeral; the run checks it again.
        let is_open = matches!(value.data(), Data::Unknown(unknown) if unknown.ty == Type::Any);
        let is_whole = value.marks().is_ephemeral() || is_open;
        return if is_whole { Ok(()) } else { Err(not_ephemeral(name, value, span).into()) };
    }
    if !is_ephemeral(value) {
        return Ok(());
    }
    Err(refused(&format!("the output `{name}`"), value, span)
        .help(if leaves {
            "leave the value out, or use `ephemeralasnull(…)`: the record keeps the outputs of a runbook"
        } else {
            "add `ephemeral = true` to the output, or use `ephemeralasnull(…)`"
        })
        .into())
}

/// Returns an error for each ephemeral argument that the step would return as an output, and so record.
pub fn check_work(
    work: &dyn Work,
    step: &Step,
    arguments: &ArgumentValues,
    address: &str,
) -> Result<(), Diagnostics> {
    if !work.known_outputs().values().any(is_ephemeral) {
        return Ok(());
    }
    let ephemeral = arguments.iter().filter(|(_, value)| is_ephemeral(value));
    let errors = ephemeral.map(|(name, value)| {
        refused(&format!("`{name}`"), value, step.place(name))
            .help("the step returns it, and the record keeps the outputs of a step: use `ephemeralasnull(…)`")
            .about(address)
    });
    errors.collect::<Diagnostics>().or(())
}

fn is_ephemeral(value: &Value) -> bool {
    value.deep_marks().is_ephemeral()
}

fn refused(what: &str, value: &Value, span: Span) -> Diagnostic {
    let marks = value.deep_marks().without_sensitive();
    let origins: Vec<_> = marks.origins().collect();
    Diagnostic::error("ephemeral-value", format!("{what} cannot hold an ephemeral value"))
        .at(span, "holds an ephemeral value")
        .detail(format!("It is made from {}.", origins.join(", ")))
}

fn not_ephemeral(name: &str, value: &Value, span: Span) -> Diagnostic {
    let (label, help) = if is_ephemeral(value) {
        ("only parts of this are ephemeral", "make the ephemeral parts separate outputs")
    } else {
        ("this is not", "leave out `ephemeral = true`")
    };
    Diagnostic::error("not-ephemeral", format!("the output `{name}` must be ephemeral"))
        .at(span, label)
        .help(help)
}
