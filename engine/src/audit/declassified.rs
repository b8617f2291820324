//! Finds the uses of `nonsensitive()`.

use std::collections::{HashMap, HashSet};

use super::comments::{Comment, comments};
use super::reason::has_words;
use super::suppression::is_for_arcbook;
use super::{Found, Subject};
use crate::source::{FileId, Span};
use crate::syntax::ExpressionKind;

/// A use of `nonsensitive()`, which lets a value that was secret be shown and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declassified {
    /// The place.
    pub span: Span,
    /// The comment with words of its own on its line, or on the lines directly above; none without one. A comment for
    /// arcbook gives the reason of something else.
    pub comment: Option<String>,
}

/// Returns all uses in the runbook and its modules, by file.
pub(super) fn declassified(subject: &Subject<'_>) -> Vec<Declassified> {
    let mut spans: HashSet<Span> = HashSet::new();
    for runbook in subject.runbooks() {
        for expression in runbook.expressions() {
            expression.walk(&mut |part| {
                let ExpressionKind::Call(call) = &part.kind else { return };
                if call.function() == "nonsensitive" {
                    spans.insert(part.span);
                }
            });
        }
    }
    let mut of_file: Option<(FileId, Reasons)> = None;
    let mut found = Vec::new();
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_by_key(|span| (span.file, span.start));
    for span in spans {
        if of_file.as_ref().is_none_or(|(file, _)| *file != span.file) {
            let comments = comments(span.file, subject.sources.file(span.file));
            of_file = Some((span.file, Reasons::of(comments)));
        }
        let line = subject.sources.start(span).line;
        let comment = of_file.as_ref().and_then(|(_, reasons)| reasons.at(line));
        found.push(Declassified { span, comment });
    }
    found
}

/// The comments of a file by their lines.
struct Reasons {
    beside: HashMap<usize, Vec<String>>,
    /// By the last line of each comment with lines of its own: its first line, and its text.
    alone: HashMap<usize, (usize, String)>,
}

impl Reasons {
    fn of(comments: Vec<Comment>) -> Self {
        let mut reasons = Self { beside: HashMap::new(), alone: HashMap::new() };
        for comment in comments {
            // What is said to arcbook is no reason, but what is above it may be one.
            let text = if is_for_arcbook(&comment.text) { String::new() } else { comment.text };
            if comment.is_alone {
                reasons.alone.insert(comment.last_line, (comment.line, text.clone()));
            }
            reasons.beside.entry(comment.line).or_default().push(text);
        }
        reasons
    }

    /// Returns the comment on a line, or else that on the lines directly above.
    fn at(&self, line: usize) -> Option<String> {
        let beside = self.beside.get(&line).into_iter().flatten().find(|text| has_words(text));
        if let Some(text) = beside {
            return Some(text.clone());
        }
        let (mut above, mut line) = (Vec::new(), line);
        while let Some((first, text)) = line.checked_sub(1).and_then(|last| self.alone.get(&last)) {
            above.push(text.as_str());
            line = *first;
        }
        above.reverse();
        above.retain(|text| !text.is_empty());
        let text = above.join(" ");
        has_words(&text).then_some(text)
    }
}

/// Finds the uses without a reason.
pub(super) fn unexplained(subject: &Subject<'_>) -> Vec<Found> {
    let without = declassified(subject).into_iter().filter(|one| one.comment.is_none());
    without.map(|one| Found::at(one.span, "`nonsensitive()` without a comment that says why")).collect()
}
