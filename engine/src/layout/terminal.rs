//! Writes the parts of a page as lines of text.

use super::foreign::{one_line, words};
use super::part::Part;
use super::wrap::{width, wrap};
use super::{Ink, Row, table};
use crate::diagnostic::{Style, visible_line};

/// The width of the labels at the left of a page.
const LABEL: usize = 12;

/// The indentation of a continued line, relative to its start: it is odd, and everything else starts at even columns.
const HANG: usize = 3;

/// The indentation of sentences.
const PROSE: usize = 2;

/// Returns the parts as lines of text.
pub(super) fn text(parts: &[Part], style: Style) -> String {
    let mut lines = Lines { style, text: String::new() };
    for part in parts {
        lines.part(part);
    }
    lines.text
}

/// The lines that are written so far.
struct Lines {
    style: Style,
    text: String,
}

impl Lines {
    fn part(&mut self, part: &Part) {
        match part {
            Part::Gap => self.gap(),
            Part::Legend(_) => {}
            Part::Heading { left, right } => self.heading(left, right),
            Part::Prose(text) => self.prose(text),
            Part::Line { indent, ink, text } => self.line(*indent, *ink, text),
            Part::Entry { indent, head, room, text } => self.entry(*indent, (head, *room), text),
            Part::Pair { indent, name, room, value } => self.pair(*indent, (name, *room), value),
            Part::Difference { indent, symbol, name, room, text } => {
                self.difference(*indent, symbol, (name, *room), text);
            }
            Part::ChangedLine { indent, symbol, text } => self.changed_line(*indent, symbol, text),
            Part::Marked { indent, symbol, texts } => self.marked(*indent, symbol, texts),
            Part::List(lines) => lines.iter().for_each(|line| self.line(2, Ink::Plain, line)),
            Part::Table { label, rows, .. } => self.table(label, rows),
        }
    }

    fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn heading(&mut self, left: &str, right: &str) {
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

    fn prose(&mut self, text: &str) {
        self.put(&" ".repeat(PROSE), PROSE, Ink::Plain, &words(text));
    }

    fn line(&mut self, indent: usize, ink: Ink, text: &str) {
        self.put(&" ".repeat(indent), indent + HANG, ink, &one_line(text));
    }

    fn entry(&mut self, indent: usize, (head, room): (&str, usize), text: &str) {
        let head = one_line(head);
        let pad = room.saturating_sub(width(&head));
        let head = format!("{:indent$}{:pad$}{head}  ", "", "");
        self.put(&head, indent + HANG, Ink::Plain, &one_line(text));
    }

    fn pair(&mut self, indent: usize, (name, room): (&str, usize), value: &str) {
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

    fn difference(&mut self, indent: usize, symbol: &str, (name, room): (&str, usize), text: &str) {
        let ink = Ink::of_symbol(symbol);
        let name = one_line(name);
        let pad = room.saturating_sub(width(&name));
        let start = format!("{symbol} {name}{:pad$} = ", "");
        let line = format!("{start}{}", self.quoted(indent + width(&start), text));
        self.put(&" ".repeat(indent), indent + HANG, ink, &line);
    }

    fn changed_line(&mut self, indent: usize, symbol: &str, text: &str) {
        let line = format!("{symbol} {}", self.quoted(indent + 2, text));
        self.put(&" ".repeat(indent), indent + HANG, Ink::of_symbol(symbol), &line);
    }

    fn marked(&mut self, indent: usize, symbol: &str, texts: &[String]) {
        let head = format!("{:indent$}{} ", "", self.painted(Ink::of_symbol(symbol), symbol));
        let texts = texts.iter().filter(|text| !text.is_empty());
        let texts: Vec<String> = texts.map(|text| one_line(text)).collect();
        self.put(&head, indent + HANG, Ink::Plain, &texts.join("  "));
    }

    fn table(&mut self, label: &str, rows: &[Row]) {
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
        if used + width(&line) > self.style.width { one_line(&unaligned(&line)) } else { line }
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

/// The indentation of a continued cell, relative to its start.
const CELL: usize = 2;

/// The columns that text has at least, however narrow the page is.
const MIN_ROOM: usize = 16;

/// Returns a line of a value without the spaces that align the `=` after the name of a member.
fn unaligned(line: &str) -> String {
    let mut is_escaped = false;
    let ends_name = |c: char| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    };
    let end = match line.strip_prefix('"') {
        Some(rest) => rest.find(ends_name).map_or(line.len(), |end| end + 2),
        None => line.find(' ').unwrap_or(line.len()),
    };
    let (name, rest) = line.split_at(end);
    let rest = rest.trim_start_matches(' ');
    if rest.starts_with("= ") { format!("{name} {rest}") } else { line.to_owned() }
}

/// Returns a text without its colours.
fn without_ink(text: &str) -> String {
    let mut pieces = text.split("\x1b[");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |plain, piece| plain + piece.split_once('m').map_or("", |(_, rest)| rest))
}
