//! Evaluates expressions.

use arcbook_engine::diagnostic::Diagnostics;
use arcbook_engine::expression::{Scope, check, evaluate, queries_within};
use arcbook_engine::source::{FileId, SourceFile, Sources};
use arcbook_engine::syntax::{Expression, ExpressionKind, parse_expression};
use arcbook_engine::value::{Layout, Value, show};

use super::scope::Console;

/// The file name in messages about a line.
const FILE: &str = "<console>";
/// The errors of text that further lines may complete.
const OPEN: [&str; 3] = ["unclosed-bracket", "unclosed-comment", "unclosed-heredoc"];

/// Evaluates one expression after another; only the last one's source is kept, for messages about it.
pub struct Session<'a> {
    scope: Console<'a>,
    sources: Sources,
    file: FileId,
}

/// The result of an expression.
pub struct Evaluation {
    /// The value.
    pub value: Value,
    /// True if the expression is a call of `type(…)`, whose result is printed without quotes.
    is_type: bool,
    /// Warnings about suspicious parts of the expression.
    pub warnings: Diagnostics,
}

impl<'a> Session<'a> {
    /// Creates a session in which expressions resolve names in `scope`, which was loaded from `sources`.
    pub fn new(scope: &'a dyn Scope, mut sources: Sources) -> Self {
        let file = sources.add(SourceFile::new(FILE, String::new()));
        Self { scope: Console(scope), sources, file }
    }

    /// Returns the files that diagnostics refer to.
    pub fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Returns the names, for the completer.
    pub fn scope(&self) -> Console<'a> {
        self.scope
    }

    /// Evaluates the expression in `text`; fails with all of its errors.
    pub fn evaluate(&mut self, text: impl Into<String>) -> Result<Evaluation, Diagnostics> {
        self.sources.replace(self.file, SourceFile::new(FILE, text.into()));
        let expression = parse_expression(&self.sources, self.file)?;
        let found = queries_within(&expression);
        if found.has_errors() {
            return Err(found);
        }
        let value = evaluate_in(&self.scope, &expression)?;
        Ok(Evaluation { value, is_type: is_type(&expression), warnings: found })
    }
}

impl Evaluation {
    /// Returns the value in the format for terminals.
    pub fn shown(&self) -> String {
        match self.value.as_str() {
            Some(text) if self.is_type && !self.value.is_marked() => text.to_owned(),
            _ => show(&self.value, Layout::default()),
        }
    }
}

/// Evaluates an expression after all its names are checked.
fn evaluate_in(scope: &Console<'_>, expression: &Expression) -> Result<Value, Diagnostics> {
    check(expression, scope)?;
    evaluate(expression, scope)
}

/// Returns the value of `text`, if it is valid.
pub fn value_of(scope: &Console<'_>, text: &str) -> Option<Value> {
    evaluate_in(scope, &parsed(text).ok()?).ok()
}

/// Returns whether `text` is the beginning of an expression that continues on the next line.
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
