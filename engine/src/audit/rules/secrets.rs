//! Rules about the secrets that a runbook gives or releases.

use crate::audit::declassified::unexplained;
use crate::audit::level::Level;
use crate::audit::subject::StepView;
use crate::audit::{AuditRule, Found, Subject};
use crate::runbook::Variable;
use crate::step::Field;
use crate::value::{Data, Value};

pub(super) const RULES: &[AuditRule] = &[
    AuditRule {
        id: "secret-in-runbook",
        level: Level::Error,
        title: "a secret is written in the runbook",
        explanation: "Whoever may read the repository has it, and its history keeps it. The default of a sensitive variable \
            counts, and a text that is written out as an argument which its type declares sensitive.",
        prevents: "Credentials in version control (CWE-798; SOC 2 CC6.1).",
        remedy: "read it from a key vault, or declare a sensitive variable without a default",
        check: written,
    },
    AuditRule {
        id: "secret-not-ephemeral",
        level: Level::Note,
        title: "a sensitive variable is not ephemeral",
        explanation: "arcbook shows no sensitive value, but a plan file holds a seal of it, and values made from it may be \
            recorded by accident once `nonsensitive()` is used. An ephemeral variable lives as long as the run.",
        prevents: "Traces of a secret in plans and records (ISO 27001 A.8.11).",
        remedy: "add `ephemeral = true` to the variable",
        check: lasting,
    },
    AuditRule {
        id: "nonsensitive-unexplained",
        level: Level::Warning,
        title: "`nonsensitive()` has no comment",
        explanation: "From there on the value is shown, recorded and sent as if it were public. A comment on the same line, or on \
            the line above, says why that is right, in words of its own: an empty one, or one that allows a finding, is none. Audits \
            list it.",
        prevents: "A secret released by a change that nobody questioned.",
        remedy: "write a comment on the line above that says why the value is no secret",
        check: unexplained,
    },
];

fn written(subject: &Subject<'_>) -> Vec<Found> {
    let mut found = Vec::new();
    for runbook in subject.runbooks() {
        let defaults = runbook.variables.iter().filter(|variable| has_secret_default(variable));
        found.extend(defaults.map(|variable| {
            let address = format!("var.{}", variable.name.value);
            Found::at(variable.name.span, "the default of a sensitive variable").about(address)
        }));
        for identity in &runbook.identities {
            let typed = identity.typed();
            let literal = typed.arguments.iter().filter(|argument| {
                let is_secret = typed.field(&argument.name.value).is_some_and(|field| field.sensitive);
                is_secret && argument.expression.references().is_empty()
            });
            found.extend(literal.map(|argument| {
                Found::at(argument.expression.span, "a credential that is written out")
                    .about(&*identity.address)
            }));
        }
    }
    found.extend(subject.steps().flat_map(|view| literals(&view)));
    found
}

/// Finds the literal values of arguments that are declared sensitive.
fn literals(view: &StepView<'_>) -> Vec<Found> {
    let typed = view.step.typed();
    let is_literal = |name: &&str| {
        let is_secret = typed.field(name).is_some_and(Field::has_sensitive_part);
        let written = view.written(name).is_some_and(|expression| expression.references().is_empty());
        is_secret && written && view.argument(name).is_some_and(holds_secret)
    };
    let names = view.step.arguments.iter().map(|argument| &*argument.name.value);
    names.filter(is_literal).map(|name| view.found(name, "a secret that is written out")).collect()
}

/// Returns true if a known text in the value is marked.
fn holds_secret(value: &Value) -> bool {
    fn holds(value: &Value, inside: bool) -> bool {
        let marked = inside || value.is_marked();
        match value.data() {
            Data::String(text) => marked && !text.is_empty(),
            _ => value.children().any(|child| holds(child, marked)),
        }
    }
    holds(value, false)
}

fn has_secret_default(variable: &Variable) -> bool {
    let holds = |value: &Value| holds_secret(&value.clone().with_marks(&variable.secrecy.marks(String::new)));
    (variable.secrecy.sensitive || variable.secrecy.ephemeral) && variable.default.as_ref().is_some_and(holds)
}

fn lasting(subject: &Subject<'_>) -> Vec<Found> {
    let variables = subject.runbook().variables.iter();
    let lasting = variables.filter(|variable| variable.secrecy.sensitive && !variable.secrecy.ephemeral);
    let found = |variable: &Variable| {
        let address = format!("var.{}", variable.name.value);
        Found::at(variable.name.span, "a sensitive variable that is not ephemeral").about(address)
    };
    lasting.map(found).collect()
}
