//! Reads the comments that allow what a rule finds.

use std::ops::RangeInclusive;

use time::{Date, macros::format_description};

use super::comments::{Comment, comments};
use super::last_lines::LastLines;
use crate::source::{FileId, Sources, Span};
use crate::syntax::parse;

/// The word that begins such a comment.
const WORD: &str = "arcbook:allow";

/// A comment `# arcbook:allow RULE until=2027-01-31 REASON`.
///
/// It is about its own line, or about the next line of code if it has lines of its own; and about the whole block or
/// argument that begins on that line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Suppression {
    /// The place of the comment.
    pub span: Span,
    /// The ids of the rules.
    pub rules: Vec<String>,
    /// The last day on which it holds.
    pub until: Option<Date>,
    /// The reason; empty if it has none.
    pub reason: String,
    /// The error in its form, as a phrase.
    pub error: Option<&'static str>,
    /// The lines that it is about.
    pub lines: RangeInclusive<usize>,
}

impl Suppression {
    /// Returns true if it no longer holds on `today`.
    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }

    fn about(self, lines: RangeInclusive<usize>) -> Self {
        Self { lines, ..self }
    }
}

/// Returns the comments of a file that allow something, in order.
pub(super) fn suppressions(file: FileId, sources: &Sources) -> Vec<Suppression> {
    let comments = comments(file, sources.file(file));
    let written: Vec<(&Comment, Suppression)> =
        comments.iter().filter_map(|comment| Some((comment, written(comment)?))).collect();
    if written.is_empty() {
        return Vec::new();
    }
    let last_lines = LastLines::of(&parse(sources, file).body, sources);
    let code = CodeLines::of(sources.file(file).text(), &comments);
    let placed = written.into_iter().map(|(comment, suppression)| {
        let line = if comment.is_alone { code.after(comment.last_line) } else { comment.line };
        suppression.about(line..=last_lines.from(line))
    });
    placed.collect()
}

/// For each line of a file, the number of the first line of code from there on.
struct CodeLines(Vec<Option<usize>>);

impl CodeLines {
    fn of(text: &str, comments: &[Comment]) -> Self {
        let mut code: Vec<bool> = text.lines().map(|line| !line.trim().is_empty()).collect();
        for comment in comments.iter().filter(|comment| comment.is_alone) {
            let last = comment.last_line.min(code.len());
            code[comment.line - 1..last].fill(false);
        }
        let mut next = None;
        let mut first: Vec<Option<usize>> = Vec::with_capacity(code.len());
        for (at, is_code) in code.iter().enumerate().rev() {
            next = if *is_code { Some(at + 1) } else { next };
            first.push(next);
        }
        first.reverse();
        Self(first)
    }

    /// Returns the number of the first line of code after a line; that line itself, if there is none.
    fn after(&self, line: usize) -> usize {
        self.0.get(line).copied().flatten().unwrap_or(line)
    }
}

/// Reads a comment; none if it allows nothing.
fn written(comment: &Comment) -> Option<Suppression> {
    let rest = comment.text.strip_prefix(WORD)?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let mut words = rest.split_whitespace().peekable();
    let rules: Vec<String> =
        words.next().into_iter().flat_map(|word| word.split(',')).map(str::to_owned).collect();
    let (mut until, mut error) = (None, None);
    if let Some(date) = words.peek().and_then(|word| word.strip_prefix("until=")) {
        until = Date::parse(date, format_description!("[year]-[month]-[day]")).ok();
        error = until.is_none().then_some("`until` must be a date such as 2027-01-31");
        words.next();
    }
    let reason = words.collect::<Vec<_>>().join(" ");
    if rules.iter().any(String::is_empty) || rules.is_empty() {
        error = Some("the id of a rule must follow `arcbook:allow`");
    } else if error.is_none() && !reason.chars().any(char::is_alphabetic) {
        error = Some("a reason must follow the id of the rule");
    }
    Some(Suppression { span: comment.span, rules, until, reason, error, lines: comment.line..=comment.line })
}
