//! Reads the comments that allow what a rule finds.

use std::ops::RangeInclusive;

use time::{Date, macros::format_description};

use super::comments::{Comment, comments};
use super::last_lines::LastLines;
use super::reason::has_words;
use crate::diagnostic::is_hidden;
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

/// Returns the line of each comment of a file that allows something, and the lines that it is about.
#[must_use]
pub fn allowed_lines(file: FileId, sources: &Sources) -> Vec<(usize, RangeInclusive<usize>)> {
    let all = suppressions(file, sources).into_iter();
    all.map(|comment| (sources.start(comment.span).line, comment.lines)).collect()
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

/// Reads a comment; none if it is not for arcbook.
fn written(comment: &Comment) -> Option<Suppression> {
    let read = |rules, until, reason, error| {
        let lines = comment.line..=comment.line;
        Some(Suppression { span: comment.span, rules, until, reason, error, lines })
    };
    let Some(rest) = comment.text.strip_prefix(WORD).filter(|rest| is_end(rest)) else {
        let error = Some("the word is `arcbook:allow`, in lower case and without blanks");
        return is_for_arcbook(&comment.text).then(|| read(Vec::new(), None, String::new(), error)).flatten();
    };
    let mut words = rest.split_whitespace().peekable();
    let rules: Vec<String> =
        words.next().into_iter().flat_map(|word| word.split(',')).map(str::to_owned).collect();
    let (mut until, mut error) = (None, None);
    if let Some(date) = words.peek().and_then(|word| word.strip_prefix("until=")) {
        until = Date::parse(date, format_description!("[year]-[month]-[day]")).ok();
        error = until.is_none().then_some("`until` must be a date such as 2027-01-31");
        words.next();
    }
    let reason: Vec<&str> = words.collect();
    if rules.iter().any(String::is_empty) || rules.is_empty() {
        error = Some("the id of a rule must follow `arcbook:allow`");
    } else if error.is_none() && names_an_end(&reason) {
        error = Some("the last day is written as `until=2027-01-31`, once, between the rule and the reason");
    } else if error.is_none() && !has_words(&reason.join(" ")) {
        error = Some("a reason must follow the id of the rule");
    }
    read(rules, until, reason.join(" "), error)
}

/// Returns true if the word before ends here.
fn is_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([' ', '\t'])
}

/// Returns true if the writer of a comment meant arcbook, whatever the case and the blanks.
pub(super) fn is_for_arcbook(text: &str) -> bool {
    let plain: String = text.chars().filter(|next| !is_hidden(*next)).collect();
    let plain = plain.trim_start().to_lowercase();
    let Some(rest) = plain.strip_prefix("arcbook") else { return false };
    let after = rest.trim_start_matches([' ', '\t']);
    let is_directive = after.starts_with([':', '\u{ff1a}']);
    let after = rest.trim_start_matches([' ', '\t', '-', '_', '.']);
    is_directive || after.strip_prefix("allow").is_some_and(is_end)
}

/// Returns true if a word of a reason was meant as the last day: it would hold for ever.
fn names_an_end(reason: &[&str]) -> bool {
    let is_date = |text: &str| {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        digits == 4 && text[digits..].starts_with('-')
    };
    let lower: Vec<String> = reason.iter().map(|word| word.to_lowercase()).collect();
    lower.iter().enumerate().any(|(at, word)| {
        let word = word.trim_start_matches(|first: char| !first.is_alphanumeric());
        let next = lower.get(at + 1).map(String::as_str).unwrap_or_default();
        match word.split_once(['=', ':']) {
            Some((name, value)) => name == "until" || is_date(value),
            None => word == "until" && (is_date(next) || next.starts_with(['=', ':'])),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_not_taken_for_a_reason() {
        for (reason, expected) in [
            ("until:2020-01-01 a migration", true),
            ("UNTIL=2020-01-01 a migration", true),
            ("a migration until=2020-01-01", true),
            ("a migration (until 2020-01-01)", true),
            ("a migration, until = 2020-01-01", true),
            ("expires=2020-01-01 a migration", true),
            ("a migration until the move of 2020-01-01", false),
            ("the ticket is A:1", false),
        ] {
            let words: Vec<&str> = reason.split(' ').collect();
            assert_eq!(names_an_end(&words), expected, "{reason}");
        }
    }

    #[test]
    fn a_comment_for_arcbook_is_known_by_its_first_word() {
        for (text, expected) in [
            ("arcbook:allow shell because", true),
            ("arcbook: allow shell because", true),
            ("ARCBOOK:ALLOW shell because", true),
            ("Arcbook : allow shell because", true),
            ("\u{200b}arcbook:allow shell because", true),
            ("arcbook-allow shell because", true),
            ("arcbook:ignore shell because", true),
            ("arcbook allows this", false),
            ("arcbook runs it", false),
            ("see arcbook:allow", false),
        ] {
            assert_eq!(is_for_arcbook(text), expected, "{text}");
        }
    }
}
