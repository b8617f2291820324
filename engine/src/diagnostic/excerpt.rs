//! Prepares the source lines of a diagnostic for display.

use std::ops::Range;

use super::visible::push_visible;
use crate::source::SourceFile;

/// The size above which a line is cut, in bytes.
const LONG_LINE: usize = 240;

/// The size that is kept of a long line on either side of an edge of a span, in bytes.
const KEPT: usize = 100;

/// The distance from an edge beyond which lines are left empty, since no renderer shows them.
const NEAR_LINES: usize = 3;

/// The lines of a file that contain some spans, with hidden characters escaped and long lines cut.
///
/// The text and the offsets in it differ from the file; the line numbers are those of the file.
pub(super) struct Excerpt {
    pub(super) text: String,
    /// The number of the first line in the file, from 1.
    pub(super) first_line: usize,
    /// The ranges of the spans in the text, in the given order.
    pub(super) ranges: Vec<Range<usize>>,
}

impl Excerpt {
    /// Returns the lines of `file` that contain `spans`, which are clamped to the file.
    pub(super) fn new(file: &SourceFile, spans: &[Range<usize>]) -> Self {
        let source = file.text();
        let spans: Vec<_> = spans.iter().map(|span| shown_part(source, span)).collect();
        let mut edges: Vec<_> = spans.iter().flat_map(|span| [span.start, span.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let first = edges.first().copied().unwrap_or_default();
        let last = edges.last().copied().unwrap_or_default();
        let lines = file.lines_of(&(first..last));
        let first_line = lines.start() + 1;
        let mut builder = Builder { text: String::new(), found: Vec::new(), edges };
        builder.lines(&lines.map(|line| file.line(line)).collect::<Vec<_>>());
        let ranges = spans.iter().map(|span| builder.moved(span)).collect();
        Self { text: builder.text, first_line, ranges }
    }
}

/// Clamps `span` to `source`, without a line feed at its end, which would include the next line.
fn shown_part(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = fit(source, span.start);
    let end = fit(source, span.end).max(start);
    let text = &source[start..end];
    let text = text.strip_suffix('\n').unwrap_or(text);
    start..start + text.strip_suffix('\r').unwrap_or(text).len()
}

/// Returns the nearest character boundary of `source` at or before `offset`.
fn fit(source: &str, offset: usize) -> usize {
    let mut at = offset.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    at
}

struct Builder {
    text: String,
    /// The starts and ends of the spans, sorted.
    edges: Vec<usize>,
    /// The edges reached so far, with their offsets in `text`.
    found: Vec<(usize, usize)>,
}

impl Builder {
    /// Writes lines, each with its offset in the file.
    fn lines(&mut self, lines: &[(usize, &str)]) {
        let has_edge: Vec<_> =
            lines.iter().map(|&(start, line)| !self.edges_on(start, line.len()).is_empty()).collect();
        for (number, &(start, line)) in lines.iter().enumerate() {
            if number > 0 {
                self.text.push('\n');
            }
            let near = number.saturating_sub(NEAR_LINES)..(number + NEAR_LINES + 1).min(lines.len());
            if has_edge[near].contains(&true) {
                self.line(line, start);
            }
        }
    }

    /// Returns the edges on the line of `length` bytes at `start`, including those at its line feed.
    fn edges_on(&self, start: usize, length: usize) -> &[usize] {
        let from = self.edges.partition_point(|&edge| edge < start);
        let to = self.edges.partition_point(|&edge| edge <= start + length);
        &self.edges[from..to]
    }

    fn line(&mut self, line: &str, start: usize) {
        let edges = self.edges_on(start, line.len()).to_vec();
        let shown = line.strip_suffix('\r').unwrap_or(line);
        let mut pending = edges.iter().copied().peekable();
        let mut written = 0;
        for kept in kept(shown, &edges, start) {
            if kept.start > written {
                self.text.push('…');
            }
            for (at, c) in shown[kept.clone()].char_indices() {
                while pending
                    .next_if(|&edge| edge <= start + kept.start + at)
                    .is_some_and(|edge| self.mark(edge))
                {}
                push_visible_source(&mut self.text, c);
            }
            written = kept.end;
        }
        if written < shown.len() {
            self.text.push('…');
        }
        for edge in pending {
            self.mark(edge);
        }
    }

    /// Returns the range in the text of a span of the file.
    fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let find = |offset: usize| {
            let at = self.found.binary_search_by_key(&offset, |&(edge, _)| edge);
            at.map_or(self.text.len(), |at| self.found[at].1)
        };
        find(span.start)..find(span.end)
    }

    fn mark(&mut self, edge: usize) -> bool {
        self.found.push((edge, self.text.len()));
        true
    }
}

/// Returns the visible parts of a line, in order: all of a short line; of a long one, the parts near its
/// edges, or its beginning without edges. The rest of a long line is not read, since many messages may be
/// about it.
fn kept(line: &str, edges: &[usize], start: usize) -> Vec<Range<usize>> {
    if line.len() <= LONG_LINE {
        return std::iter::once(0..line.len()).collect();
    }
    let mut parts: Vec<Range<usize>> = Vec::new();
    let near = |at: usize| fit(line, at.saturating_sub(KEPT))..fit(line, at + KEPT + 1);
    let none = edges.is_empty().then_some(0);
    for part in edges.iter().map(|edge| edge - start).chain(none).map(near) {
        match parts.last_mut().filter(|last| last.end >= part.start) {
            Some(last) => last.end = last.end.max(part.end),
            None => parts.push(part),
        }
    }
    parts
}

/// Writes a character of the source. Tabs stay, since the renderer expands them to its own width.
fn push_visible_source(out: &mut String, c: char) {
    if c == '\t' { out.push(c) } else { push_visible(out, c) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excerpt(source: &str, span: Range<usize>) -> (String, usize, String) {
        let excerpt = Excerpt::new(&SourceFile::new("a", source.to_owned()), std::slice::from_ref(&span));
        let marked = excerpt.text[excerpt.ranges[0].clone()].to_owned();
        (excerpt.text, excerpt.first_line, marked)
    }

    #[test]
    fn a_span_is_found_again_in_its_lines() {
        let cases = [
            ("one\ntwo\nthree", 4..7, "two", 2, "two"),
            ("one\r\ntwo\r\nthree", 5..8, "two", 2, "two"),
            ("a\x1b[31m = ü\n", 9..11, "a\\u{1b}[31m = ü", 1, "ü"),
            ("", 0..0, "", 1, ""),
            ("x\n", 2..2, "", 2, ""),
            ("x", 1..9, "x", 1, ""),
            ("日本", 1..4, "日本", 1, "日"),
            ("a\nb\nc", 0..5, "a\nb\nc", 1, "a\nb\nc"),
            ("a\r\nb", 0..3, "a", 1, "a"),
        ];
        for (source, span, text, line, marked) in cases {
            assert_eq!(
                excerpt(source, span.clone()),
                (text.to_owned(), line, marked.to_owned()),
                "{source:?}"
            );
        }
    }

    #[test]
    fn long_lines_keep_what_is_near_the_span() {
        let source = format!("{}needle{}", "a".repeat(100_000), "b".repeat(100_000));
        let (text, _, marked) = excerpt(&source, 100_000..100_006);
        assert_eq!(marked, "needle");
        assert!(text.len() < 300, "{}", text.len());
        assert!(text.starts_with("…a") && text.ends_with("b…"));
    }

    #[test]
    fn a_long_span_is_cut_in_its_middle() {
        let source = "x".repeat(50_000);
        let (text, _, marked) = excerpt(&source, 0..50_000);
        assert!(marked == text && text.chars().filter(|&c| c == '…').count() == 1 && text.len() < 300);
    }

    #[test]
    fn lines_between_distant_spans_are_empty() {
        let source = (0..1000).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
        let (text, line, _) = excerpt(&source, 0..source.len());
        assert_eq!((text.lines().count(), line), (1000, 1));
        assert!(text.contains("line 999") && !text.contains("line 500"));
    }
}
