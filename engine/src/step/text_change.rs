//! Compares two texts line by line.

use similar::{ChangeTag, DiffOp, TextDiff};

use super::Difference;

/// The number of unchanged lines around a change.
const CONTEXT: usize = 3;

/// The line that stands for unchanged lines that are left out.
const GAP: &str = "…";

/// The maximum number of bytes of a text that is compared; the comparison takes time with the square of its lines.
pub const LARGEST_TEXT: usize = 32 << 10;

/// The maximum number of bytes of the changed lines of a text, with those around them.
const LARGEST_EXCERPT: usize = 8 << 10;

/// A line of two compared texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangedLine {
    /// `-` for a line of the existing text, `+` for one of the wanted text, `|` for one of both.
    pub symbol: &'static str,
    /// The line, without its end.
    pub text: String,
}

/// Returns the lines that differ, each with a few lines around it.
#[must_use]
pub fn changed_lines(was: &str, will: &str) -> Vec<ChangedLine> {
    let diff = TextDiff::from_lines(was, will);
    let mut lines = Vec::new();
    let gap = || ChangedLine { symbol: "|", text: GAP.to_owned() };
    let mut next = 0;
    for group in diff.grouped_ops(CONTEXT) {
        lines.extend((start(&group) > next).then(gap));
        next = end(&group);
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let symbol = match change.tag() {
                ChangeTag::Delete => "-",
                ChangeTag::Insert => "+",
                ChangeTag::Equal => "|",
            };
            let text = change.value().trim_end_matches('\n');
            let end = if change.missing_newline() { " (no line feed at its end)" } else { "" };
            lines.push(ChangedLine { symbol, text: format!("{text}{end}") });
        }
    }
    lines.extend((next > 0 && next < diff.old_slices().len()).then(gap));
    lines
}

impl Difference {
    /// Returns the difference between two texts: of each, the changed lines with a few around them. None if one of them
    /// is too large or no text.
    #[must_use]
    pub fn of_texts(attribute: &str, was: &str, will: &str) -> Option<Self> {
        let is_text = |text: &str| {
            let is_control = |letter: char| letter.is_control() && !matches!(letter, '\n' | '\r' | '\t');
            text.len() <= LARGEST_TEXT && !text.contains(is_control)
        };
        if !is_text(was) || !is_text(will) {
            return None;
        }
        let diff = TextDiff::from_lines(was, will);
        let (mut before, mut after) = (String::new(), String::new());
        let mut next = 0;
        let gap = |is_gap: bool, texts: [&mut String; 2]| {
            for text in texts.into_iter().filter(|_| is_gap) {
                text.push_str(GAP);
                text.push('\n');
            }
        };
        for group in diff.grouped_ops(CONTEXT) {
            gap(start(&group) > next, [&mut before, &mut after]);
            next = end(&group);
            for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
                if change.tag() != ChangeTag::Insert {
                    before.push_str(change.value());
                }
                if change.tag() != ChangeTag::Delete {
                    after.push_str(change.value());
                }
            }
        }
        gap(next > 0 && next < diff.old_slices().len(), [&mut before, &mut after]);
        let is_small = before.len().max(after.len()) <= LARGEST_EXCERPT;
        (is_small && before != after).then(|| Self::new(attribute, before.as_str(), after.as_str()))
    }
}

/// Returns the first line of a group in the existing text.
fn start(group: &[DiffOp]) -> usize {
    group.first().map_or(0, |op| op.old_range().start)
}

/// Returns the line after a group in the existing text.
fn end(group: &[DiffOp]) -> usize {
    group.last().map_or(0, |op| op.old_range().end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(was: &str, will: &str) -> String {
        let lines = changed_lines(was, will).into_iter();
        lines.map(|line| [line.symbol, " ", &line.text, "\n"].concat()).collect()
    }

    #[test]
    fn changed_lines_have_a_few_lines_around_them() {
        let numbers =
            |from: usize, to: usize| (from..=to).map(|at| at.to_string() + "\n").collect::<String>();
        let cases = [
            (numbers(1, 3), numbers(1, 3), ""),
            (String::new(), "a\n".to_owned(), "+ a\n"),
            ("a\nb\n".to_owned(), "a\nc\n".to_owned(), "| a\n- b\n+ c\n"),
            (
                numbers(1, 20),
                format!("{}x\n{}", numbers(1, 9), numbers(11, 20)),
                "| …\n| 7\n| 8\n| 9\n- 10\n+ x\n| 11\n| 12\n| 13\n| …\n",
            ),
            (
                numbers(1, 30),
                format!("0\n{}", numbers(1, 29)),
                "+ 0\n| 1\n| 2\n| 3\n| …\n| 27\n| 28\n| 29\n- 30\n",
            ),
            ("a".to_owned(), "a\n".to_owned(), "- a (no line feed at its end)\n+ a\n"),
        ];
        for (was, will, expected) in cases {
            assert_eq!(shown(&was, &will), expected);
            // A difference keeps no more of the texts than it shows, and shows the same.
            let kept = Difference::of_texts("content", &was, &will);
            assert_eq!(kept.is_none(), expected.is_empty());
            if let Some(Difference { was, will, .. }) = kept {
                let text = |value: &crate::value::Value| value.as_str().expect("a text").to_owned();
                assert_eq!(shown(&text(&was), &text(&will)), expected);
            }
        }
        let large = "x\n".repeat(LARGEST_TEXT);
        for (was, will) in [("a\0b", "a"), ("\u{1b}[2J", ""), (&large, "")] {
            assert_eq!(Difference::of_texts("content", was, will), None);
        }
    }
}
