//! A page of text for people.

use std::fmt;

use super::part::Part;
use super::{Ink, Row, html, markdown, terminal};
use crate::diagnostic::Style;

/// A page of text for people, part by part. Lines wrap at words.
///
/// Text may come from anybody: hidden characters are escaped, and it can neither begin a line of its own nor imitate
/// columns. A continued line stands at a column where nothing else does.
#[derive(Debug)]
pub struct Page {
    style: Style,
    parts: Vec<Part>,
}

impl Page {
    /// Returns an empty page.
    #[must_use]
    pub fn new(style: Style) -> Self {
        Self { style, parts: Vec::new() }
    }

    /// Returns the page as lines of text.
    #[must_use]
    pub fn finish(self) -> String {
        terminal::text(&self.parts, self.style)
    }

    /// Returns the page as Markdown: headings, sentences and tables; everything else in blocks of text.
    #[must_use]
    pub fn markdown(&self) -> String {
        markdown::text(&self.parts, 0)
    }

    /// Returns the page as a part of a Markdown document, below a heading of that level.
    #[must_use]
    pub fn markdown_below(&self, level: usize) -> String {
        markdown::text(&self.parts, level)
    }

    /// Returns the page as a part of an HTML document, below a heading of that level.
    #[must_use]
    pub fn html_below(&self, level: usize) -> String {
        html::text(&self.parts, level)
    }

    /// Writes an empty line, unless the page is empty or ends in one.
    pub fn gap(&mut self) {
        self.parts.push(Part::Gap);
    }

    /// Writes the heading: `left` in bold, and `right` at the right edge if both fit.
    pub fn heading(&mut self, left: &str, right: &str) {
        self.parts.push(Part::Heading { left: left.to_owned(), right: right.to_owned() });
    }

    /// Writes indented sentences, with single spaces between their words.
    pub fn prose(&mut self, text: &str) {
        self.parts.push(Part::Prose(text.to_owned()));
    }

    /// Writes a line of text at `indent`.
    pub fn line(&mut self, indent: usize, text: impl fmt::Display) {
        self.inked(indent, Ink::Plain, text);
    }

    /// Writes a line of coloured text at `indent`.
    pub fn inked(&mut self, indent: usize, ink: Ink, text: impl fmt::Display) {
        self.parts.push(Part::Line { indent, ink, text: text.to_string() });
    }

    /// Writes a line with a head of at least `room` columns, such as a number or a time.
    pub fn entry(&mut self, indent: usize, (head, room): (&str, usize), text: impl fmt::Display) {
        self.parts.push(Part::Entry { indent, head: head.to_owned(), room, text: text.to_string() });
    }

    /// Writes `name = value`, with at least `room` columns for the name.
    ///
    /// The value has the syntax of the language: it may have several lines, and foreign text is quoted in it.
    pub fn pair(&mut self, indent: usize, (name, room): (&str, usize), value: &str) {
        self.parts.push(Part::Pair { indent, name: name.to_owned(), room, value: value.to_owned() });
    }

    /// Writes a difference: a symbol and then `name = text` in its colour, with at least `room` columns for the name.
    pub fn difference(
        &mut self,
        indent: usize,
        symbol: &'static str,
        (name, room): (&str, usize),
        text: &str,
    ) {
        let (name, text) = (name.to_owned(), text.to_owned());
        self.parts.push(Part::Difference { indent, symbol, name, room, text });
    }

    /// Writes a line of a text after its symbol, in the colour of the symbol. The line keeps the spaces at its start, which a
    /// symbol before it keeps from imitating a column.
    pub fn changed_line(&mut self, indent: usize, symbol: &'static str, text: &str) {
        self.parts.push(Part::ChangedLine { indent, symbol, text: text.to_owned() });
    }

    /// Writes a list with a heading, unless it is empty.
    pub fn list(&mut self, title: &str, lines: &[String]) {
        if lines.is_empty() {
            return;
        }
        self.gap();
        self.heading(title, "");
        self.parts.push(Part::List(lines.to_vec()));
    }

    /// Explains symbols; only documents show it, and only for the symbols that the page uses.
    pub fn legend(&mut self, legend: &'static [(&'static str, &'static str)]) {
        self.parts.push(Part::Legend(legend));
    }

    /// Writes a symbol in its colour and then texts with two spaces between them, without those that are empty.
    pub fn marked(&mut self, indent: usize, symbol: &'static str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.parts.push(Part::Marked { indent, symbol, texts });
    }

    /// Writes text beside a label.
    pub fn labelled(&mut self, label: &str, text: &str) {
        self.table(label, &[Row::of([text.to_owned()])]);
    }

    /// Writes rows beside a label.
    pub fn table(&mut self, label: &str, rows: &[Row]) {
        self.parts.push(Part::Table { label: label.to_owned(), columns: &[], rows: rows.to_vec() });
    }

    /// Writes rows with the names of their columns, unless there are none; only Markdown shows the names.
    pub fn columns(&mut self, label: &str, columns: &'static [&'static str], rows: Vec<Row>) {
        if !rows.is_empty() {
            self.parts.push(Part::Table { label: label.to_owned(), columns, rows });
        }
    }
}

/// Returns the indentation of the facts below an entry at column 2 with a number: even, as that of everything but
/// continued lines.
#[must_use]
pub const fn under(digits: usize) -> usize {
    4 + digits.div_ceil(2) * 2
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
        // The spaces in a name and in a text are foreign, those that align a `=` are not.
        let value = "{\n  \"a\\\"  b\"   = \"one two three\"\n  \"c    = one two three\"\n  d       = (known after x)\n}";
        let mut page = Page::new(Style { color: false, width: 16 });
        page.pair(0, ("n", 1), value);
        let text = page.finish();
        for expected in
            ["\n  \"a\\\" \\u{20}b\" =\n", "\n  \"c \\u{20}\\u{20}\\u{20}=\n", "\n  d = (known after\n"]
        {
            assert!(text.contains(expected), "{expected}: {text}");
        }
    }

    /// Every way to write a foreign text, at every width: no line of it begins where the page begins one of its own.
    #[test]
    fn foreign_text_never_begins_a_line_of_the_page() {
        type Write = fn(&mut Page, &str);
        let places: [(&str, Write); 13] = [
            ("heading", |page, text| page.heading(text, "")),
            ("right", |page, text| page.heading("x", text)),
            ("prose", |page, text| page.prose(text)),
            ("line", |page, text| page.line(2, text)),
            ("entry", |page, text| page.entry(2, ("1", 2), text)),
            ("entry head", |page, text| page.entry(2, (text, 2), "x")),
            ("pair", |page, text| page.pair(2, ("name", 5), &crate::diagnostic::visible_line(text))),
            ("difference", |page, text| page.difference(4, "~", (text, 5), "x")),
            ("changed line", |page, text| page.changed_line(8, "|", text)),
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
