//! The parts of a page.

use super::{Ink, Row};

/// A part of a page, in the order of reading; `Page` has a method for each, which describes it.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// An empty line.
    Gap,
    /// A heading, with text at the right.
    Heading { left: String, right: String },
    /// Sentences.
    Prose(String),
    /// A line of text.
    Line { indent: usize, ink: Ink, text: String },
    /// A line with a head, such as a number.
    Entry { indent: usize, head: String, room: usize, text: String },
    /// A name and its value.
    Pair { indent: usize, name: String, room: usize, value: String },
    /// A difference in a value.
    Difference { indent: usize, symbol: &'static str, name: String, room: usize, text: String },
    /// A line of a text that differs, or one beside it.
    ChangedLine { indent: usize, symbol: &'static str, text: String },
    /// A symbol and texts.
    Marked { indent: usize, symbol: &'static str, texts: Vec<String> },
    /// Indented lines.
    List(Vec<String>),
    /// The meanings of symbols, for documents: those that the page uses are shown.
    Legend(&'static [(&'static str, &'static str)]),
    /// Rows beside a label; the columns may have names.
    Table { label: String, columns: &'static [&'static str], rows: Vec<Row> },
}

/// Returns the meanings of the symbols that the parts use: `~ creates or updates, - deletes`; none if they use none.
pub(super) fn meanings(parts: &[Part], legend: &[(&'static str, &'static str)]) -> Option<String> {
    let is_there = |symbol: &str| {
        parts.iter().any(|part| match part {
            Part::Table { rows, .. } => rows.iter().any(|row| row.symbol == symbol),
            Part::Marked { symbol: own, .. } => *own == symbol,
            _ => false,
        })
    };
    let used = legend.iter().filter(|(symbol, _)| is_there(symbol));
    let words: Vec<String> = used.map(|(symbol, meaning)| format!("{symbol} {meaning}")).collect();
    (!words.is_empty()).then(|| format!("Marks: {}.", words.join("; ")))
}

impl Part {
    /// Returns true if the part has markup of its own in a document, and so does not belong to a block of text.
    pub(super) fn has_markup(&self) -> bool {
        matches!(
            self,
            Self::Heading { .. }
                | Self::Prose(_)
                | Self::List(_)
                | Self::Legend(_)
                | Self::Table { .. }
                | Self::Line { indent: 0, .. }
        )
    }
}
