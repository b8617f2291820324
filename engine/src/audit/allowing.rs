//! Finds the comments that allow a finding.

use std::collections::{BTreeMap, HashMap};

use time::Date;

use super::Allowed;
use super::suppression::Suppression;
use crate::source::{FileId, Span};

/// The comments of an audit that allow something, in order of their lines.
///
/// A finding looks only at the blocks and arguments around it, so an audit takes no longer for a finding the more comments
/// there are.
pub(super) struct Allowing {
    comments: Vec<Suppression>,
    used: Vec<bool>,
    /// By file, and by the first line that they are about.
    ranges: HashMap<FileId, BTreeMap<usize, Range>>,
}

/// The comments about the same lines.
#[derive(Default)]
struct Range {
    last: usize,
    /// The first line of the nearest range before that reaches into this one, or beyond it.
    around: Option<usize>,
    /// By the id of a rule: the comments that name it.
    by_rule: HashMap<String, Named>,
}

/// The comments about the same lines that name the same rule.
#[derive(Default)]
struct Named {
    comments: Vec<usize>,
    /// True once the answer is known.
    is_asked: bool,
    answer: Option<Allowed>,
}

impl Allowing {
    pub fn new(comments: Vec<Suppression>) -> Self {
        let mut ranges: HashMap<FileId, BTreeMap<usize, Range>> = HashMap::new();
        for (at, comment) in comments.iter().enumerate() {
            let of_file = ranges.entry(comment.span.file).or_default();
            let range = of_file.entry(*comment.lines.start()).or_default();
            range.last = range.last.max(*comment.lines.end());
            for rule in &comment.rules {
                let named = range.by_rule.entry(rule.clone()).or_default();
                if named.comments.last() != Some(&at) {
                    named.comments.push(at);
                }
            }
        }
        ranges.values_mut().for_each(nest);
        Self { used: vec![false; comments.len()], comments, ranges }
    }

    /// Returns the first comment that allows what a rule finds on a line, and notes the comments that name it.
    pub fn allow(&mut self, rule: &str, span: Span, line: usize, today: Date) -> Option<Allowed> {
        let Self { comments, used, ranges } = self;
        let of_file = ranges.get_mut(&span.file)?;
        let mut next = of_file.range(..=line).next_back().map(|(first, _)| *first);
        let mut allowed = None;
        while let Some(range) = next.and_then(|first| of_file.get_mut(&first)) {
            next = range.around;
            let Some(named) = range.by_rule.get_mut(rule).filter(|_| range.last >= line) else { continue };
            if !named.is_asked {
                named.is_asked = true;
                named.comments.iter().for_each(|at| used[*at] = true);
                let own = named.comments.iter().map(|at| &comments[*at]);
                named.answer = own.into_iter().find_map(|comment| allowed_by(comment, today));
            }
            // The outermost comes first.
            allowed = named.answer.clone().or(allowed);
        }
        allowed
    }

    /// Returns each comment with true if a finding is there that it names.
    pub fn all(&self) -> impl Iterator<Item = (&Suppression, bool)> {
        self.comments.iter().zip(self.used.iter().copied())
    }
}

/// Finds the range around each.
fn nest(ranges: &mut BTreeMap<usize, Range>) {
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (first, range) in ranges {
        while open.pop_if(|(_, last)| *last < *first).is_some() {}
        range.around = open.last().map(|(first, _)| *first);
        open.push((*first, range.last));
    }
}

fn allowed_by(comment: &Suppression, today: Date) -> Option<Allowed> {
    let holds = comment.error.is_none() && !comment.has_expired(today);
    let until = comment.until.map(|until| until.to_string());
    holds.then(|| Allowed { reason: comment.reason.clone(), until })
}
