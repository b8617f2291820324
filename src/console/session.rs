//! Expressions to values.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::{Scope, check, evaluate};
use arcbook_engine::source::{FileId, SourceFile, Sources};
use arcbook_engine::syntax::{Expression, ExpressionKind, parse_expression};
use arcbook_engine::value::{Layout, Value, show};

use super::scope::Console;

/// The file that messages about a line name.
const FILE: &str = "<console>";
/// What is wrong with text that may still become an expression.
const OPEN: [&str; 3] = ["unclosed-bracket", "unclosed-comment", "unclosed-heredoc"];

/// Evaluates one expression after the other; only the last one is kept, for the messages about it.
pub struct Session<'a> {
    scope: Console<'a>,
    sources: Sources,
    file: FileId,
}

/// What an expression gave.
pub struct Evaluation {
    /// The value.
    pub value: Value,
    /// Whether it is what `type(…)` says, which is no text of the runbook's.
    is_type: bool,
}

impl<'a> Session<'a> {
    /// Expressions have the names of `scope`, which was read from `sources`.
    pub fn new(scope: &'a dyn Scope, mut sources: Sources) -> Self {
        let file = sources.add(SourceFile::new(FILE, String::new()));
        Self { scope: Console(scope), sources, file }
    }

    /// The files that messages point into.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// The names, for another reader of the same.
    pub fn scope(&self) -> Console<'a> {
        self.scope
    }

    /// The value of the expression that `text` holds, or all that is wrong with it.
    pub fn evaluate(&mut self, text: impl Into<String>) -> Result<Evaluation, Diagnostics> {
        self.sources.replace(self.file, SourceFile::new(FILE, text.into()));
        let expression = parse_expression(&self.sources, self.file)?;
        let value = evaluate_in(&self.scope, &expression)?;
        Ok(Evaluation { value, is_type: is_type(&expression) })
    }
}

impl Evaluation {
    /// The answer as people read it.
    pub fn shown(&self) -> String {
        match self.value.as_str() {
            Some(text) if self.is_type && !self.value.is_marked() => text.to_owned(),
            _ => show(&self.value, Layout::default()),
        }
    }
}

/// The value of an expression whose names all mean something.
fn evaluate_in(scope: &Console<'_>, expression: &Expression) -> Result<Value, Diagnostics> {
    check(expression, scope)?;
    evaluate(expression, scope)
}

/// The value of `text`, when it has one.
pub fn value_of(scope: &Console<'_>, text: &str) -> Option<Value> {
    evaluate_in(scope, &parsed(text).ok()?).ok()
}

/// Whether `text` is the beginning of an expression that goes on on the next line.
pub fn is_unfinished(text: &str) -> bool {
    parsed(&format!("{text}\n")).is_err_and(|found| found.iter().any(|error| OPEN.contains(&error.code)))
}

fn parsed(text: &str) -> Result<Expression, Diagnostics> {
    let mut sources = Sources::new();
    let file = sources.add(SourceFile::new(FILE, text.to_owned()));
    parse_expression(&sources, file)
}

fn is_type(expression: &Expression) -> bool {
    matches!(&expression.kind, ExpressionKind::Call(call) if &*call.name.value == "type")
}

#[cfg(test)]
mod tests {
    use arcbook_engine::expression::Bindings;

    use super::*;

    #[test]
    fn open_brackets_go_on() {
        let cases = [
            ("[1,", true),
            ("[1]", false),
            ("upper(", true),
            ("<<EOT", true),
            ("<<EOT\nx\nEOT", false),
            ("/* why", true),
            ("\"${", true),
            ("\"abc", false),
            ("1 +", false),
            ("]", false),
            ("[}", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(is_unfinished(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_shown() {
        let scope = Bindings::new(".").with("secret", Value::from("x"));
        let mut session = Session::new(&scope, Sources::new());
        let cases = [
            ("type([1, \"a\"])", "tuple([\n    number,\n    string,\n])"),
            ("\"x\"", "\"x\""),
            ("<<EOT\na\nb\nEOT", "<<-EOT\n  a\n  b\nEOT"),
            ("sensitive(1)", "(sensitive value)"),
            ("{a = sensitive(1), b = 2}", "{\n  a = (sensitive value)\n  b = 2\n}"),
        ];
        for (text, expected) in cases {
            let answer = session.evaluate(text).unwrap_or_else(|found| panic!("{text}: {found:?}"));
            assert_eq!(answer.shown(), expected, "{text}");
        }
        assert_eq!(session.sources().iter().count(), 1);
    }
}
