//! Reads the control settings of a step.

use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean, with_article};
use crate::runbook::{Backoff, Control, OnError, Retry, RunOn, Until};
use crate::source::Span;
use crate::step::{Effect, Schema};
use crate::syntax::{Block, Body, Expression};

use super::fields::{Fields, labels};
use super::quoted;

/// The arguments for control settings.
pub const ARGUMENTS: [&str; 4] = ["when", "run_on", "timeout", "on_error"];
/// The blocks for control settings.
pub const BLOCKS: [&str; 2] = ["retry", "until"];

/// The arguments for limits and delays in both blocks.
const WAITS: [&str; 6] = ["attempts", "timeout", "delay", "max_delay", "factor", "jitter"];

/// Reads the control settings of the step with this body; `fields` are those of the body.
pub fn read(body: &Body, fields: &mut Fields<'_>) -> Control {
    let expression = |fields: &Fields<'_>, name| fields.attribute(name).map(|found| found.expression.clone());
    let run_on = word(
        fields,
        "run_on",
        &[("success", RunOn::Success), ("failure", RunOn::Failure), ("always", RunOn::Always)],
    );
    let on_error = word(fields, "on_error", &[("stop", OnError::Stop), ("continue", OnError::Continue)]);
    Control {
        when: expression(fields, "when"),
        run_on,
        timeout: expression(fields, "timeout"),
        retry: only(body, "retry", fields.found())
            .and_then(|block| retry(block, fields.found()))
            .map(Box::new),
        until: only(body, "until", fields.found())
            .and_then(|block| until(block, fields.found()))
            .map(Box::new),
        on_error,
    }
}

/// Reads a keyword argument; the default if it is missing.
fn word<T: Copy + Default>(fields: &mut Fields<'_>, name: &str, words: &[(&str, T)]) -> T {
    let Some(text) = fields.text(name) else { return T::default() };
    if let Some((_, meaning)) = words.iter().find(|(word, _)| *word == text.value) {
        return *meaning;
    }
    let known = || words.iter().map(|(word, _)| *word);
    let hint = did_you_mean(&text.value, known());
    fields.found().push(
        Diagnostic::error("invalid-argument", format!("`{name}` cannot be `{}`", text.value.escape_debug()))
            .at(text.span, "unknown word")
            .help(hint.unwrap_or_else(|| format!("it is one of {}", quoted(known())))),
    );
    T::default()
}

/// Returns the only block of that kind.
fn only<'a>(body: &'a Body, kind: &str, found: &mut Diagnostics) -> Option<&'a Block> {
    let mut blocks = body.blocks_of(kind);
    let first = blocks.next()?;
    if let Some(second) = blocks.next() {
        found.push(
            Diagnostic::error("duplicate-name", format!("there are two `{kind}` blocks"))
                .marked(second.header, "again here")
                .also(first.header, "first here")
                .help("put what they say into one"),
        );
    }
    Some(first)
}

fn retry(block: &Block, found: &mut Diagnostics) -> Option<Retry> {
    labels(block, [], found)?;
    let known: Vec<&str> = WAITS.into_iter().chain(["on", "condition"]).collect();
    let fields = Fields::new(&block.body, "a `retry` block", (&known, &[]), found);
    let argument = |name| argument(&fields, name);
    Some(Retry {
        attempts: argument("attempts"),
        timeout: argument("timeout"),
        backoff: backoff(&fields),
        on: argument("on"),
        condition: argument("condition"),
        header: block.header,
    })
}

fn until(block: &Block, found: &mut Diagnostics) -> Option<Until> {
    labels(block, [], found)?;
    let known: Vec<&str> = WAITS.into_iter().chain(["condition"]).collect();
    let mut fields = Fields::new(&block.body, "an `until` block", (&known, &[]), found);
    let condition = fields.required("condition", block).cloned();
    Some(Until {
        condition: condition?,
        attempts: argument(&fields, "attempts"),
        timeout: argument(&fields, "timeout"),
        backoff: backoff(&fields),
        header: block.header,
    })
}

fn backoff(fields: &Fields<'_>) -> Backoff {
    let argument = |name| argument(fields, name);
    Backoff {
        delay: argument("delay"),
        max_delay: argument("max_delay"),
        factor: argument("factor"),
        jitter: argument("jitter"),
    }
}

fn argument(fields: &Fields<'_>, name: &str) -> Option<Expression> {
    fields.attribute(name).map(|attribute| attribute.expression.clone())
}

/// Adds errors for settings that a step of that type does not support: a change that must not be repeated
/// cannot have conditions that repeat it.
pub fn check(control: &Control, schema: &Schema, found: &mut Diagnostics) {
    if schema.effect != Effect::Changes || schema.idempotent {
        return;
    }
    let until = control.until.as_ref().map(|until| until.header);
    let condition = control.retry.as_ref().and_then(|retry| retry.condition.as_ref());
    let mut refuse = |what: &str, span: Span| {
        let summary = format!("{} step cannot have {what}", with_article(schema.name));
        found.push(
            Diagnostic::error("repeated-change", summary)
                .at(span, "this would make its change again after it was made")
                .help("put a step that reads after it, and let that one wait until all is as it must be"),
        );
    };
    if let Some(span) = until {
        refuse("an `until`", span);
    }
    if let Some(condition) = condition {
        refuse("a `condition` in its `retry`", condition.span);
    }
}
