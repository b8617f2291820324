//! Finds needles in bytes.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind};

/// Automata that together match all needles, larger ones first.
///
/// An automaton cannot grow, so new needles get a new one, which absorbs those that are not larger. Each
/// needle is therefore rebuilt only as often as the number of needles doubles.
#[derive(Clone, Default)]
pub(super) struct Matchers(Vec<Arc<Matcher>>);

impl Matchers {
    pub(super) fn add(&mut self, mut needles: Vec<String>) {
        while let Some(last) = self.0.pop_if(|last| last.needles.len() <= needles.len()) {
            needles.extend_from_slice(&last.needles);
        }
        self.0.push(Arc::new(Matcher::new(needles)));
    }

    /// Returns the parts of `text` that belong to a needle, as ordered ranges that do not touch.
    ///
    /// They include parts of truncated needles: a prefix before an ellipsis, and a suffix after one.
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

    /// Returns the length of the longest suffix of `text` that more text could complete to a needle.
    pub(super) fn open_end(&self, text: &[u8]) -> usize {
        self.0.iter().map(|matcher| matcher.open_end(text)).max().unwrap_or_default()
    }
}

/// The mark of a truncation.
const CUT: &str = "…";

/// The minimum length of a part of a needle that is searched beside a truncation, in bytes.
const SHORTEST_PART: usize = 4;

struct Matcher {
    /// The needles, sorted.
    needles: Vec<String>,
    /// The reversed needles, sorted; built when a truncated text is first met.
    reversed: OnceLock<Vec<Vec<u8>>>,
    /// The length of the longest needle, in bytes.
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

    /// Returns every occurrence of every needle. The leftmost-longest matches alone would miss the end of a
    /// needle that overlaps another.
    fn occurrences<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = Range<usize>> + 'a {
        self.automaton.find_overlapping_iter(text).map(|found| found.range())
    }

    /// Returns the parts of needles directly before and after the truncation at `at`.
    fn cut_at(&self, text: &[u8], at: usize) -> impl Iterator<Item = Range<usize>> {
        let behind = at + CUT.len();
        let before = self.open_end(&text[..at]);
        let after = self.open_beginning(&text[behind..]);
        let parts = [at - before..at, behind..behind + after];
        parts.into_iter().filter(|part| part.len() >= SHORTEST_PART)
    }

    /// Returns the length of the longest prefix of `text` that is a suffix of a needle.
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
