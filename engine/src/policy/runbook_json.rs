//! Writes a runbook as JSON, for policies.

use serde_json::{Map, Value as Json, json};

use crate::runbook::{Identity, Module, Output, Runbook, SecretPlaces, Step, Variable};
use crate::source::{Sources, Span, slashed};
use crate::syntax::{Attribute, Expression};

/// Returns a runbook with its modules as JSON: the blocks as they are written, with the texts of their expressions. A fixed
/// phrase stands for the texts in `secrets`.
#[must_use]
pub fn runbook_json(runbook: &Runbook, sources: &Sources, secrets: &SecretPlaces) -> Json {
    Writer { sources, secrets }.runbook(runbook)
}

struct Writer<'a> {
    sources: &'a Sources,
    secrets: &'a SecretPlaces,
}

impl Writer<'_> {
    fn runbook(&self, runbook: &Runbook) -> Json {
        let files = runbook.files.iter().map(|file| slashed(self.sources.file(*file).path()));
        json!({
            "name": runbook.name,
            "description": runbook.settings.description,
            "files": files.collect::<Vec<_>>(),
            "undo_on_failure": runbook.settings.undoes_failures,
            "has_record": runbook.settings.record.is_some(),
            "variables": list(&runbook.variables, |variable| self.variable(variable)),
            "locals": list(&runbook.locals, |local| json!({
                "name": local.name.value, "expression": self.text(&local.expression), "place": self.place(local.name.span),
            })),
            "identities": list(&runbook.identities, |identity| self.identity(identity)),
            "steps": list(&runbook.steps, |step| self.step(step)),
            "modules": list(&runbook.modules, |module| self.module(module)),
            "checks": list(&runbook.checks, |check| json!({
                "name": check.name.value, "asserts": check.rules.len(), "place": self.place(check.name.span),
            })),
            "outputs": list(&runbook.outputs, |output| self.output(output)),
        })
    }

    fn variable(&self, variable: &Variable) -> Json {
        json!({
            "name": variable.name.value,
            "description": variable.description,
            "sensitive": variable.secrecy.sensitive,
            "ephemeral": variable.secrecy.ephemeral,
            "has_default": variable.default.is_some(),
            "validations": variable.rules.len(),
            "place": self.place(variable.name.span),
        })
    }

    fn identity(&self, identity: &Identity) -> Json {
        json!({
            "address": identity.address,
            "kind": identity.kind_name.value,
            "name": identity.name.value,
            "description": identity.description,
            "arguments": self.arguments(&identity.arguments),
            "place": self.place(identity.header),
        })
    }

    fn step(&self, step: &Step) -> Json {
        let text =
            |expression: &Option<Expression>| expression.as_ref().map(|expression| self.text(expression));
        let repeated = step.repetition.as_ref().map(|repetition| self.text(repetition.expression()));
        json!({
            "address": step.address,
            "type": step.type_name.value,
            "name": step.name.value,
            "description": step.description,
            "sensitive": step.sensitive,
            "identity": step.identity.as_ref().map(|identity| self.sources.text(identity.span)),
            "repeated": repeated,
            "when": text(&step.control.when),
            "timeout": text(&step.control.timeout),
            "has_until": step.control.until.is_some(),
            "has_retry": step.control.retry.is_some(),
            "run_on": step.control.run_on,
            "on_error": step.control.on_error,
            "preconditions": step.preconditions.len(),
            "postconditions": step.postconditions.len(),
            "arguments": self.arguments(&step.arguments),
            "place": self.place(step.header),
        })
    }

    fn module(&self, module: &Module) -> Json {
        json!({
            "name": module.name.value,
            "source": module.source.as_ref().map(|source| &source.value),
            "arguments": self.arguments(&module.arguments),
            "runbook": self.runbook(&module.runbook),
            "place": self.place(module.header),
        })
    }

    fn output(&self, output: &Output) -> Json {
        json!({
            "name": output.name.value,
            "description": output.description,
            "sensitive": output.secrecy.sensitive,
            "expression": self.text(&output.expression),
            "place": self.place(output.name.span),
        })
    }

    fn arguments(&self, arguments: &[Attribute]) -> Json {
        let entry =
            |argument: &Attribute| (argument.name.value.to_string(), self.text(&argument.expression).into());
        Json::Object(arguments.iter().map(entry).collect::<Map<_, _>>())
    }

    fn text(&self, expression: &Expression) -> String {
        self.secrets.text(expression.span, self.sources)
    }

    fn place(&self, span: Span) -> Json {
        let file = slashed(self.sources.file(span.file).path());
        json!({ "file": file, "line": self.sources.start(span).line })
    }
}

fn list<T>(all: &[T], write: impl Fn(&T) -> Json) -> Json {
    all.iter().map(write).collect()
}
