//! Finds the uses of `nonsensitive()`.

use std::collections::HashSet;

use super::comments::{Comment, comments};
use super::{Found, Subject};
use crate::source::{FileId, Span};
use crate::syntax::ExpressionKind;

/// A use of `nonsensitive()`, which lets a value that was secret be shown and sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declassified {
    /// The place.
    pub span: Span,
    /// The comment on its line or the lines directly above; none without one.
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
    let mut of_file: Option<(FileId, Vec<Comment>)> = None;
    let mut found = Vec::new();
    let mut spans: Vec<Span> = spans.into_iter().collect();
    spans.sort_by_key(|span| (span.file, span.start));
    for span in spans {
        if of_file.as_ref().is_none_or(|(file, _)| *file != span.file) {
            of_file = Some((span.file, comments(span.file, subject.sources.file(span.file))));
        }
        let comments = of_file.as_ref().map(|(_, comments)| comments.as_slice()).unwrap_or_default();
        let line = subject.sources.start(span).line;
        found.push(Declassified { span, comment: reason(comments, line) });
    }
    found
}

/// Returns the comment on a line, or else that on the lines directly above.
fn reason(comments: &[Comment], line: usize) -> Option<String> {
    let beside = comments.iter().find(|comment| comment.line == line);
    if let Some(comment) = beside {
        return Some(comment.text.clone());
    }
    let (mut above, mut line) = (Vec::new(), line);
    for comment in comments.iter().rev().filter(|comment| comment.is_alone) {
        if comment.last_line + 1 == line {
            above.push(comment.text.as_str());
            line = comment.line;
        }
    }
    above.reverse();
    let text = above.join(" ");
    (!text.trim().is_empty()).then_some(text)
}

/// Finds the uses without a comment.
pub(super) fn unexplained(subject: &Subject<'_>) -> Vec<Found> {
    let without = declassified(subject).into_iter().filter(|one| one.comment.is_none());
    without.map(|one| Found::at(one.span, "`nonsensitive()` without a comment that says why")).collect()
}
