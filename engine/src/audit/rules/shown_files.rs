//! A rule about files that outputs and messages show.

use super::copies::{PrivateFiles, read};
use super::values::{meant, with_locals};
use crate::audit::level::Level;
use crate::audit::{AuditRule, Found, Subject};
use crate::expression::functions::reads_content;
use crate::runbook::{Rule, Runbook, Secrecy};
use crate::source::Span;
use crate::syntax::{Expression, ExpressionKind};

pub(super) const RULES: &[AuditRule] = &[AuditRule {
    id: "shows-private-file",
    level: Level::Error,
    title: "a file of keys or passwords is shown",
    explanation: "Outputs, messages, and what steps without actions such as `echo` are given are on the screen, in plans, and in \
        the record of the run, which may leave the machine. Files count that a function such as `file()` reads there, also through \
        local values. A sensitive output, and a value in `sensitive(…)`, are not shown. `sends-private-file` says which files are \
        private.",
    prevents: "Credentials in logs and records (CWE-532).",
    remedy: "let a step read the file itself, or hide the value with `sensitive(…)`",
    check: shown,
}];

fn shown(subject: &Subject<'_>) -> Vec<Found> {
    let files = PrivateFiles::of(subject);
    let mut found = Vec::new();
    let mut examine = |runbook: &Runbook, expression: &Expression, address: &str| {
        let parts = with_locals(runbook, meant(runbook, expression));
        if !is_hidden(parts[0]) && parts.into_iter().any(|part| reads_private(runbook, part, &files)) {
            let message = "a file of keys or passwords is shown";
            found.push(Found::at(expression.span, message).about(address));
        }
    };
    for runbook in subject.runbooks() {
        for (expression, address) in shown_by(runbook) {
            examine(runbook, expression, &address);
        }
    }
    for view in subject.steps().filter(|view| view.planned.actions.is_empty()) {
        for argument in &view.step.arguments {
            examine(subject.runbook_of(&view), &argument.expression, &view.step.address);
        }
    }
    found
}

/// Returns the expressions whose values a run shows, with the addresses of their blocks.
fn shown_by(runbook: &Runbook) -> Vec<(&Expression, String)> {
    let mut all = Vec::new();
    for output in &runbook.outputs {
        let address = format!("output.{}", output.name.value);
        if output.secrecy == Secrecy::default() {
            all.push((&output.expression, address.clone()));
        }
        all.extend(messages(&output.preconditions, &address));
    }
    for check in &runbook.checks {
        all.extend(messages(&check.rules, &format!("check.{}", check.name.value)));
    }
    for variable in &runbook.variables {
        all.extend(messages(&variable.rules, &format!("var.{}", variable.name.value)));
    }
    for step in &runbook.steps {
        all.extend(messages(&step.preconditions, &step.address));
        all.extend(messages(&step.postconditions, &step.address));
    }
    all
}

fn messages<'a>(rules: &'a [Rule], address: &str) -> impl Iterator<Item = (&'a Expression, String)> {
    rules.iter().map(move |rule| (&rule.message, address.to_owned()))
}

fn is_hidden(expression: &Expression) -> bool {
    matches!(&expression.kind, ExpressionKind::Call(call) if call.function() == "sensitive")
}

/// Returns true for a function whose result tells nothing of a file but whether it is another one.
fn is_digest(name: &str) -> bool {
    name.contains("sha") || name.contains("md5")
}

/// Returns true if a function in the expression reads a private file, and `sensitive` does not hide it.
fn reads_private(runbook: &Runbook, expression: &Expression, files: &PrivateFiles<'_>) -> bool {
    let (mut hidden, mut is_read): (Vec<Span>, _) = (Vec::new(), false);
    expression.walk(&mut |part| {
        let ExpressionKind::Call(call) = &part.kind else { return };
        let is_hidden = hidden.iter().any(|outer| outer.contains(part.span));
        match call.function() {
            "sensitive" => hidden.push(part.span),
            name => is_read |= reads_content(name) && !is_digest(name) && !is_hidden,
        }
    });
    let mut paths = Vec::new();
    if is_read {
        read(runbook, expression, &mut paths);
    }
    paths.iter().any(|path| files.holds(path))
}
