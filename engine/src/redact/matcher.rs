//! Finds needles in bytes.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

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

    /// Finds what of `text` belongs to some needle: ranges in order that do not touch.
    ///
    /// A needle that was cut belongs to it too: its beginning before an ellipsis, its end after one.
    pub(super) fn covered(&self, text: &[u8]) -> Vec<Range<usize>> {
        let mut found: Vec<_> = self.0.iter().flat_map(|matcher| matcher.occurrences(text)).collect();
        for at in (0..text.len()).filter(|&at| text[at..].starts_with(CUT.as_bytes())) {
            found.extend(self.0.iter().flat_map(|matcher| matcher.cut_at(text, at)));
        }
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

/// What stands where a text was cut.
const CUT: &str = "…";

/// Less of a needle than this beside a cut is not looked for, in bytes.
const SHORTEST_PART: usize = 4;

struct Matcher {
    /// In order.
    needles: Vec<String>,
    /// The needles written backwards, in order; made when a text that was cut is met.
    reversed: OnceLock<Vec<Vec<u8>>>,
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
        let longest = needles.iter().map(String::len).max().unwrap_or_default();
        Self { longest, needles, reversed: OnceLock::new(), automaton }
    }

    /// Every occurrence of every needle. All are needed: the longest from the left would leave the end of a needle that
    /// overlaps another.
    fn occurrences<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.automaton.find_overlapping_iter(text).map(|found| found.range())
    }

    /// The parts of needles right before and right behind the cut at `at`.
    fn cut_at(&self, text: &[u8], at: usize) -> impl Iterator<Item = Range<usize>> {
        let behind = at + CUT.len();
        let before = self.open_end(&text[..at]);
        let after = self.open_beginning(&text[behind..]);
        let parts = [at - before..at, behind..behind + after];
        parts.into_iter().filter(|part| part.len() >= SHORTEST_PART)
    }

    /// The length of the longest beginning of `text` that ends a needle.
    fn open_beginning(&self, text: &[u8]) -> usize {
        let reversed = self.reversed.get_or_init(|| {
            let mut all: Vec<Vec<u8>> =
                self.needles.iter().map(|needle| needle.bytes().rev().collect()).collect();
            all.sort_unstable();
            all
        });
        let most = text.len().min(self.longest.saturating_sub(1));
        let ends_needle = |length: usize| {
            let end: Vec<u8> = text[..length].iter().rev().copied().collect();
            let at = reversed.partition_point(|needle| *needle <= end);
            reversed.get(at).is_some_and(|needle| needle.starts_with(&end))
        };
        (1..=most).rev().find(|&length| ends_needle(length)).unwrap_or(0)
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
