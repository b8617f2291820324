//! Finds needles in bytes.

use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Automata that together know all needles, the larger first.
///
/// An automaton cannot grow, so new needles get one of their own, which swallows those that are not larger than it:
/// a needle is built in at most as often as the number of needles has doubled.
#[derive(Clone, Default)]
pub(super) struct Matchers(Vec<Arc<Matcher>>);

impl Matchers {
    /// Finds `needles` too.
    pub(super) fn add(&mut self, mut needles: Vec<String>) {
        while let Some(last) = self.0.pop_if(|last| last.needles.len() <= needles.len()) {
            needles.extend_from_slice(&last.needles);
        }
        self.0.push(Arc::new(Matcher::new(needles)));
    }

    /// What of `text` belongs to some needle: ranges in order that do not touch.
    pub(super) fn covered(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<_> = self.0.iter().flat_map(|matcher| matcher.occurrences(text)).collect();
        found.sort_unstable_by_key(|range| range.start);
        found.dedup_by(|next, range| {
            let joins = next.start <= range.end;
            if joins {
                range.end = range.end.max(next.end);
            }
            joins
        });
        found
    }

    /// The length of the longest end of `text` that more text could make a needle of.
    pub(super) fn open_end(&self, text: &[u8]) -> usize {
        self.0.iter().map(|matcher| matcher.open_end(text)).max().unwrap_or_default()
    }
}

struct Matcher {
    /// In order.
    needles: Vec<String>,
    /// The length of the longest, in bytes.
    longest: usize,
    automaton: AhoCorasick,
}

impl Matcher {
    fn new(mut needles: Vec<String>) -> Self {
        needles.sort_unstable();
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&needles)
            .expect("the needles of a run are far below the 2^31 bytes that an automaton holds");
        Self { longest: needles.iter().map(String::len).max().unwrap_or_default(), needles, automaton }
    }

    /// Every occurrence of every needle. All are needed: the longest from the left would leave the end of a needle that
    /// overlaps another.
    fn occurrences<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.automaton.find_overlapping_iter(text).map(|found| found.range())
    }

    fn open_end(&self, text: &[u8]) -> usize {
        let first = text.len().saturating_sub(self.longest.saturating_sub(1));
        (first..text.len()).find(|&at| self.begins_needle(&text[at..])).map_or(0, |at| text.len() - at)
    }

    fn begins_needle(&self, start: &[u8]) -> bool {
        let at = self.needles.partition_point(|needle| needle.as_bytes() <= start);
        self.needles.get(at).is_some_and(|needle| needle.as_bytes().starts_with(start))
    }
}
