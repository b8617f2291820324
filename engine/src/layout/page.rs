//! Writes a page line by line.

use std::fmt;

use super::foreign::{one_line, words};
use super::wrap::{width, wrap};
use super::{Ink, Row, table};
use crate::diagnostic::{Style, visible_line};

/// The width of the labels at the left of a page.
const LABEL: usize = 12;

/// The indentation of a continued line, relative to its start: it is odd, and everything else starts at even columns.
const HANG: usize = 3;

/// The indentation of sentences.
const PROSE: usize = 2;

/// A page of text for people, written line by line. Lines wrap at words.
///
/// Text may come from anybody: hidden characters are escaped, and it can neither begin a line of its own nor imitate
/// columns. A continued line stands at a column where nothing else does.
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
        let (left, right) = (one_line(left), one_line(right));
        let room = self.style.width.min(READABLE).saturating_sub(width(&left) + width(&right));
        if right.is_empty() || room < 2 {
            self.put("", HANG, Ink::Bold, &left);
            if !right.is_empty() {
                self.put(&" ".repeat(PROSE), PROSE + HANG, Ink::Plain, &right);
            }
            return;
        }
        let left = self.painted(Ink::Bold, &left);
        self.push(&format!("{left}{}{right}", " ".repeat(room)));
    }

    /// Writes indented sentences, with single spaces between their words.
    pub fn prose(&mut self, text: &str) {
        self.put(&" ".repeat(PROSE), PROSE, Ink::Plain, &words(text));
    }

    /// Writes a line of text at `indent`.
    pub fn line(&mut self, indent: usize, text: impl fmt::Display) {
        self.inked(indent, Ink::Plain, text);
    }

    /// Writes a line of coloured text at `indent`.
    pub fn inked(&mut self, indent: usize, ink: Ink, text: impl fmt::Display) {
        self.put(&" ".repeat(indent), indent + HANG, ink, &one_line(&text.to_string()));
    }

    /// Writes a line with a head of at least `room` columns, such as a number or a time.
    pub fn entry(&mut self, indent: usize, (head, room): (&str, usize), text: impl fmt::Display) {
        let head = one_line(head);
        let pad = room.saturating_sub(width(&head));
        let head = format!("{:indent$}{:pad$}{head}  ", "", "");
        self.put(&head, indent + HANG, Ink::Plain, &one_line(&text.to_string()));
    }

    /// Writes `name = value`, with at least `room` columns for the name.
    ///
    /// The value has the syntax of the language: it may have several lines, and foreign text is quoted in it.
    pub fn pair(&mut self, indent: usize, (name, room): (&str, usize), value: &str) {
        let name = one_line(name);
        let pad = room.saturating_sub(width(&name));
        let mut head = format!("{:indent$}{name}{:pad$} = ", "", "");
        let mut hang = indent + HANG;
        for line in value.split('\n') {
            let own = line.len() - line.trim_start_matches(' ').len();
            if head.is_empty() {
                head = " ".repeat(indent + own);
                hang = indent + own + HANG;
            }
            self.put(&head, hang, Ink::Plain, &self.quoted(width(&head), &line[own..]));
            head.clear();
        }
    }

    /// Writes a difference: a symbol and then `name = text` in its colour, with at least `room` columns for the name.
    pub fn difference(&mut self, indent: usize, symbol: &str, (name, room): (&str, usize), text: &str) {
        let ink = Ink::of_symbol(symbol);
        let name = one_line(name);
        let pad = room.saturating_sub(width(&name));
        let start = format!("{symbol} {name}{:pad$} = ", "");
        let line = format!("{start}{}", self.quoted(indent + width(&start), text));
        self.put(&" ".repeat(indent), indent + HANG, ink, &line);
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

    /// Writes a symbol in its colour and then texts with two spaces between them, without those that are empty.
    pub fn marked(&mut self, indent: usize, symbol: &str, texts: &[&str]) {
        let head = format!("{:indent$}{} ", "", self.painted(Ink::of_symbol(symbol), symbol));
        let texts = texts.iter().filter(|text| !text.is_empty());
        let texts: Vec<String> = texts.map(|text| one_line(text)).collect();
        self.put(&head, indent + HANG, Ink::Plain, &texts.join("  "));
    }

    /// Writes text beside a label.
    pub fn labelled(&mut self, label: &str, text: &str) {
        self.table(label, &[Row::of([text.to_owned()])]);
    }

    /// Writes rows beside a label.
    pub fn table(&mut self, label: &str, rows: &[Row]) {
        let clean = |row: &Row| Row {
            symbol: row.symbol,
            cells: row.cells.iter().map(|cell| one_line(cell)).collect(),
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
    /// No continued line stands at the start of a cell.
    fn row(&mut self, head: String, column: usize, row: &Row, widths: &[usize]) {
        let (before, last) = row.split(widths);
        let start = column + width(&before);
        let room = self.style.width.saturating_sub(start);
        if width(last) <= room || room >= self.style.width / 2 || before.is_empty() {
            return self.put(&(head + &before), start + CELL, Ink::Plain, last);
        }
        self.put(&head, column + 2 * CELL, Ink::Plain, before.trim_end());
        let indent = column + CELL;
        self.put(&" ".repeat(indent), indent + CELL, Ink::Plain, last);
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

    /// Returns a line of a value after `used` columns. If it wraps, the spaces in its texts could imitate columns.
    fn quoted(&self, used: usize, text: &str) -> String {
        let line = visible_line(text);
        if used + width(&line) > self.style.width { one_line(&line) } else { line }
    }

    fn painted(&self, ink: Ink, text: &str) -> String {
        if self.style.color { ink.paint(text) } else { text.to_owned() }
    }

    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }
}

/// Returns the indentation of the facts below an entry at column 2 with a number: even, as that of everything but
/// continued lines.
#[must_use]
pub const fn under(digits: usize) -> usize {
    4 + digits.div_ceil(2) * 2
}

/// The width of a heading on a wider page.
const READABLE: usize = 100;

/// The indentation of a continued cell, relative to its start.
const CELL: usize = 2;

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
        page.marked(0, "+", &["a\x1b[31mb\u{202e}", "c  d"]);
        page.heading("\x1b[2J", "");
        page.table("L", &[Row::of(["x\ny".to_owned()])]);
        let text = page.finish();
        assert!(text.starts_with("\x1b[32m+\x1b[0m a\\u{1b}[31mb\\u{202e}  c \\u{20}d\n"), "{text:?}");
        assert_eq!(text.matches('\x1b').count(), 6, "{text:?}");
    }

    #[test]
    fn values_hang() {
        let mut page = page(20, false);
        page.pair(4, ("name", 5), "{\n  a = \"one two three\"\n}");
        assert_eq!(page.finish(), "    name  = {\n      a = \"one two\n         three\"\n    }\n");
    }

    /// Every way to write a foreign text, at every width: no line of it begins where the page begins one of its own.
    #[test]
    fn foreign_text_never_begins_a_line_of_the_page() {
        type Write = fn(&mut Page, &str);
        let places: [(&str, Write); 12] = [
            ("heading", |page, text| page.heading(text, "")),
            ("right", |page, text| page.heading("x", text)),
            ("prose", |page, text| page.prose(text)),
            ("line", |page, text| page.line(2, text)),
            ("entry", |page, text| page.entry(2, ("1", 2), text)),
            ("entry head", |page, text| page.entry(2, (text, 2), "x")),
            ("pair", |page, text| page.pair(2, ("name", 5), &crate::diagnostic::visible_line(text))),
            ("difference", |page, text| page.difference(4, "~", (text, 5), "x")),
            ("marked", |page, text| page.marked(0, "~", &["x", text])),
            ("labelled", |page, text| page.labelled("Reads", text)),
            ("table", |page, text| page.table("Reads", &[Row::of(["x".to_owned(), text.to_owned()])])),
            ("symbols", |page, text| {
                let cells = vec![text.to_owned(), text.to_owned(), "in x".to_owned()];
                page.table("Changes", &[Row { symbol: "~", cells }]);
            }),
        ];
        for (place, write) in places {
            for before in 0..60 {
                for blank in [" ", "\n", "\n ", "   ", "\u{a0}\u{a0}", "\t"] {
                    let text = format!("{}{blank}FORGED  row", "w".repeat(before));
                    let mut page = page(40, false);
                    write(&mut page, &text);
                    let text = page.finish();
                    for line in text.lines().skip(1) {
                        let column = line.find("FORGED").filter(|column| line[..*column].trim().is_empty());
                        let is_own = matches!(column, Some(0 | 4 | 6 | 12))
                            || (column == Some(2) && !matches!(place, "prose" | "right"));
                        assert!(!is_own, "{place}: {text}");
                    }
                }
            }
        }
    }
}
