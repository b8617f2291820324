//! The line editor's hooks.

use std::borrow::Cow;

use rustyline::Context;
use rustyline::completion;
use rustyline::highlight::Highlighter;
use rustyline::hint::{Hint, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};

use super::complete::{Completer, hint};
use super::session::is_unfinished;

/// Completes and hints, and detects lines that continue.
pub struct Helper<'a> {
    pub completer: Completer<'a>,
    pub is_colored: bool,
}

/// A hint behind the cursor, which cannot be accepted as input.
pub struct Remark(String);

impl Hint for Remark {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl rustyline::Helper for Helper<'_> {}

impl completion::Completer for Helper<'_> {
    type Candidate = String;

    fn complete(&self, line: &str, at: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.completer.complete(&line[..at]))
    }
}

impl Hinter for Helper<'_> {
    type Hint = Remark;

    fn hint(&self, line: &str, at: usize, _: &Context<'_>) -> Option<Remark> {
        if at < line.len() { None } else { hint(line).map(Remark) }
    }
}

impl Highlighter for Helper<'_> {
    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        if self.is_colored { format!("\x1b[2m{hint}\x1b[0m").into() } else { hint.into() }
    }
}

impl Validator for Helper<'_> {
    fn validate(&self, context: &mut ValidationContext) -> rustyline::Result<ValidationResult> {
        Ok(if is_unfinished(context.input()) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}
