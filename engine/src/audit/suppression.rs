//! Reads the comments that allow what a rule finds.

use std::ops::RangeInclusive;

use time::{Date, macros::format_description};

use super::comments::{Comment, comments};
use crate::source::{FileId, Sources, Span};
use crate::syntax::{Attribute, Block, Body, parse};

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
    /// Returns true if the comment is about that line of its file.
    pub fn is_about(&self, span: Span, line: usize) -> bool {
        self.span.file == span.file && self.lines.contains(&line)
    }

    /// Returns true if it no longer holds on `today`.
    pub fn has_expired(&self, today: Date) -> bool {
        self.until.is_some_and(|until| until < today)
    }
}

/// Returns the comments of a file that allow something.
pub(super) fn suppressions(file: FileId, sources: &Sources) -> Vec<Suppression> {
    let comments = comments(file, sources.file(file));
    if !comments.iter().any(|comment| comment.text.starts_with(WORD)) {
        return Vec::new();
    }
    let body = parse(sources, file).body;
    let lines = Lines::of(sources.file(file).text(), &comments);
    let read = |comment: &Comment| {
        let line = if comment.is_alone { lines.code_after(comment.last_line) } else { comment.line };
        let last = last_line(&body, line, sources).unwrap_or(line);
        Some(written(comment)?.about(line..=last))
    };
    comments.iter().filter_map(read).collect()
}

/// Returns the line of each comment of a file that allows something, and the lines that it is about.
#[must_use]
pub fn allowed_lines(file: FileId, sources: &Sources) -> Vec<(usize, RangeInclusive<usize>)> {
    let all = suppressions(file, sources).into_iter();
    all.map(|comment| (sources.start(comment.span).line, comment.lines)).collect()
}

/// The lines of a file that have code.
struct Lines(Vec<bool>);

impl Lines {
    fn of(text: &str, comments: &[Comment]) -> Self {
        let mut code: Vec<bool> = text.lines().map(|line| !line.trim().is_empty()).collect();
        for comment in comments.iter().filter(|comment| comment.is_alone) {
            let last = comment.last_line.min(code.len());
            code[comment.line - 1..last].fill(false);
        }
        Self(code)
    }

    /// Returns the number of the first line of code after a line; that line itself, if there is none.
    fn code_after(&self, line: usize) -> usize {
        let after = self.0.iter().skip(line).position(|is_code| *is_code);
        after.map_or(line, |after| line + after + 1)
    }
}

impl Suppression {
    fn about(self, lines: RangeInclusive<usize>) -> Self {
        Self { lines, ..self }
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

/// Returns the last line of the outermost block or argument that begins on `line`.
fn last_line(body: &Body, line: usize, sources: &Sources) -> Option<usize> {
    let lines = |span: Span| {
        let file = sources.file(span.file);
        let range = span.range();
        file.position(range.start).line..=file.position(range.end).line
    };
    let of_attribute = |attribute: &Attribute| {
        let lines = lines(attribute.span);
        (*lines.start() == line).then_some(*lines.end())
    };
    let of_block = |block: &Block| {
        let lines = lines(block.span);
        if *lines.start() == line {
            return Some(*lines.end());
        }
        if lines.contains(&line) { last_line(&block.body, line, sources) } else { None }
    };
    body.blocks.iter().find_map(of_block).or_else(|| body.attributes.iter().filter_map(of_attribute).max())
}
