//! Writes a page line by line.

use std::fmt;

use super::wrap::{width, wrap};
use super::{Ink, Row, table};
use crate::diagnostic::{Style, visible_line};

/// The width of the labels at the left of a page.
const LABEL: usize = 12;

/// The indentation of a continued line, relative to its start.
const HANG: usize = 4;

/// A page of text for people, written line by line. Lines wrap at words, and hidden characters are escaped.
#[derive(Debug)]
pub struct Page {
    style: Style,
    text: String,
}

impl Page {
    /// Returns an empty page.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, text: String::new() }
    }

    /// Returns the text of the page.
    #[must_use]
    pub fn finish(self) -> String {
        self.text
    }

    /// Writes an empty line, unless the page is empty or ends in one.
    pub fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Writes the heading: `left` in bold, and `right` at the right edge if both fit.
    pub fn heading(&mut self, left: &str, right: &str) {
        let (left, right) = (visible_line(left), visible_line(right));
        let room = self.style.width.min(READABLE).saturating_sub(width(&left) + width(&right));
        if right.is_empty() || room < 2 {
            self.put("", 0, Ink::Bold, &left);
            if !right.is_empty() {
                self.put("", 0, Ink::Plain, &right);
            }
            return;
        }
        let left = self.painted(Ink::Bold, &left);
        self.push(&format!("{left}{}{right}", " ".repeat(room)));
    }

    /// Writes sentences, whose further lines start at the edge.
    pub fn prose(&mut self, text: &str) {
        self.put("", 0, Ink::Plain, &visible_line(text));
    }

    /// Writes lines of text at `indent`.
    pub fn line(&mut self, indent: usize, text: impl fmt::Display) {
        self.inked(indent, Ink::Plain, text);
    }

    /// Writes lines of coloured text at `indent`.
    pub fn inked(&mut self, indent: usize, ink: Ink, text: impl fmt::Display) {
        for line in text.to_string().split('\n') {
            let own = line.len() - line.trim_start_matches(' ').len();
            let head = " ".repeat(indent + own);
            self.put(&head, indent + own + HANG, ink, &visible_line(&line[own..]));
        }
    }

    /// Writes a list with a heading, unless it is empty.
    pub fn list(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.gap();
        self.heading(title, "");
        for line in lines {
            self.line(2, line);
        }
    }

    /// Writes a symbol in its colour and then text.
    pub fn marked(&mut self, indent: usize, symbol: &str, text: impl fmt::Display) {
        let head = format!("{:indent$}{} ", "", self.painted(Ink::of_symbol(symbol), symbol));
        self.put(&head, indent + HANG, Ink::Plain, &visible_line(&text.to_string()));
    }

    /// Writes text beside a label.
    pub fn labelled(&mut self, label: &str, text: &str) {
        self.table(label, &[Row::of([text.to_owned()])]);
    }

    /// Writes rows beside a label.
    pub fn table(&mut self, label: &str, rows: &[Row]) {
        let clean = |row: &Row| Row {
            symbol: row.symbol,
            cells: row.cells.iter().map(|cell| visible_line(cell)).collect(),
        };
        let rows: Vec<Row> = rows.iter().map(clean).collect();
        let widths = table::widths(&rows);
        let symbols = rows.iter().map(|row| row.symbol.len()).max().unwrap_or(0);
        for (at, row) in rows.iter().enumerate() {
            // The symbols of a table stand before its column.
            let gutter = if symbols > 0 { symbols + 1 } else { 0 };
            let label = if at == 0 { label } else { "" };
            let column = LABEL.max(width(label) + 1 + gutter);
            let pad = column - gutter - width(label);
            let symbol = self.painted(row.ink(), row.symbol);
            let after = gutter - row.symbol.len().min(gutter);
            let label = self.painted(Ink::Bold, label);
            let head = format!("{label}{}{symbol}{}", " ".repeat(pad), " ".repeat(after));
            self.row(head, column, row, &widths);
        }
    }

    /// Writes a row whose cells start at `column`; the last one continues on its own lines if it has little room.
    fn row(&mut self, head: String, column: usize, row: &Row, widths: &[usize]) {
        let (before, last) = row.split(widths);
        let start = column + width(&before);
        let room = self.style.width.saturating_sub(start);
        if width(last) <= room || room >= self.style.width / 2 || before.is_empty() {
            return self.put(&(head + &before), start, Ink::Plain, last);
        }
        self.put(&head, column + 2, Ink::Plain, before.trim_end());
        let indent = column + 2;
        self.put(&" ".repeat(indent), indent, Ink::Plain, last);
    }

    /// Writes `head` and then `text`, whose further lines are indented by `hang`.
    fn put(&mut self, head: &str, hang: usize, ink: Ink, text: &str) {
        let shown = width(&without_ink(head));
        let room = |used: usize| self.style.width.saturating_sub(used).max(MIN_ROOM);
        let lines = wrap(text, room(shown), room(hang));
        for (at, line) in lines.iter().enumerate() {
            let start = if at == 0 { head.to_owned() } else { " ".repeat(hang) };
            let line = format!("{start}{}", self.painted(ink, line));
            self.push(line.trim_end());
        }
    }

    fn painted(&self, ink: Ink, text: &str) -> String {
        if self.style.color { ink.paint(text) } else { text.to_owned() }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// The width of a heading on a wider page.
const READABLE: usize = 100;

/// The columns that text has at least, however narrow the page is.
const MIN_ROOM: usize = 16;

/// Returns a text without its colours.
fn without_ink(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| plain + piece.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(width: usize, color: bool) -> Page {
        Page::new(Style { color, width })
    }

    #[test]
    fn a_table_is_aligned_and_wraps() {
        let rows = [
            Row { symbol: "+", cells: vec!["blob".into(), "a".into(), "in account x".into()] },
            Row { symbol: "-/+", cells: vec!["container".into(), "漢字".into(), "in account y".into()] },
            Row { symbol: "~", cells: vec!["blob".into(), "b".into(), String::new()] },
        ];
        let mut wide = page(60, false);
        wide.table("Changes", &rows);
        let expected = "Changes +   blob       a     in account x\n        -/+ container  漢字  in account y\n        ~   blob       b\n";
        assert_eq!(wide.finish(), expected);
        let mut narrow = page(30, false);
        narrow.table("Changes", &rows[..1]);
        assert_eq!(narrow.finish(), "Changes   + blob  a\n              in account x\n");
    }

    #[test]
    fn foreign_text_is_escaped_and_only_own_colours_remain() {
        let mut page = page(60, true);
        page.marked(0, "+", "a\x1b[31mb\u{202e}");
        page.heading("\x1b[2J", "");
        page.table("L", &[Row::of(["x\ny".to_owned()])]);
        let text = page.finish();
        assert!(text.starts_with("\x1b[32m+\x1b[0m a\\u{1b}[31mb\\u{202e}\n"), "{text:?}");
        assert_eq!(text.matches('\x1b').count(), 6, "{text:?}");
    }

    #[test]
    fn lines_hang() {
        let mut page = page(20, false);
        page.line(4, "name = \"one two three\"\n  inner one two three");
        assert_eq!(
            page.finish(),
            "    name = \"one two\n        three\"\n      inner one two\n          three\n"
        );
    }
}
