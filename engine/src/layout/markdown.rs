//! Writes the parts of a page as Markdown.

use super::Row;
use super::foreign::{one_line, words};
use super::part::{Part, meanings};
use super::terminal;
use crate::diagnostic::Style;

/// The width of the blocks of text.
const WIDTH: usize = 100;

/// Returns the parts as Markdown: headings, sentences and tables as such, all others in blocks of text. They belong to
/// a heading of the level `below`, or are the whole document, if that is 0.
pub(super) fn text(parts: &[Part], below: usize) -> String {
    let mut document = Document { text: String::new(), below };
    let mut rest = parts;
    while let Some((part, after)) = rest.split_first() {
        match part {
            Part::Heading { left, right } => document.heading(left, right),
            Part::Prose(text) => document.block(&escaped(&words(text))),
            Part::Line { indent: 0, text, .. } => document.block(&escaped(&one_line(text))),
            Part::List(lines) => document.list(lines.iter().map(|line| escaped(&one_line(line)))),
            Part::Table { columns: [], .. } => {
                rest = document.facts(rest);
                continue;
            }
            Part::Table { label, columns, rows } => document.table(label, columns, rows),
            Part::Gap => {}
            Part::Legend(legend) => {
                if let Some(words) = meanings(parts, legend) {
                    document.block(&escaped(&words));
                }
            }
            _ => {
                let length = rest.iter().position(Part::has_markup).unwrap_or(rest.len());
                document.literal(&rest[..length]);
                rest = &rest[length..];
                continue;
            }
        }
        rest = after;
    }
    document.text
}

/// The document that is written so far.
struct Document {
    text: String,
    /// The level of the heading that the next one belongs to.
    below: usize,
}

impl Document {
    /// Writes a block of lines, after an empty line.
    fn block(&mut self, lines: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(lines.trim_end());
        self.text.push('\n');
    }

    /// Writes a heading: the first one is that of the page.
    fn heading(&mut self, left: &str, right: &str) {
        let level = "#".repeat(self.below.min(5) + 1);
        self.below = self.below.max(1);
        self.block(&format!("{level} {}", escaped(&one_line(left))));
        if !right.is_empty() {
            self.block(&escaped(&one_line(right)));
        }
    }

    /// Writes a list.
    fn list(&mut self, lines: impl Iterator<Item = String>) {
        self.block(&lines.fold(String::new(), |text, line| text + "- " + &line + "\n"));
    }

    /// Writes the tables without columns that `parts` begin with as one table, whose first column has their labels;
    /// returns the other parts.
    fn facts<'a>(&mut self, mut parts: &'a [Part]) -> &'a [Part] {
        let mut text = String::from("|  |  |\n|---|---|\n");
        let empty = text.len();
        while let Some((Part::Table { label, columns: [], rows }, after)) = parts.split_first() {
            for (at, row) in rows.iter().enumerate() {
                let label = if at == 0 { escaped(&one_line(label)) } else { String::new() };
                let has_symbol = !row.symbol.is_empty();
                let cells: Vec<String> =
                    cells(row, has_symbol).into_iter().filter(|cell| !cell.is_empty()).collect();
                text = format!("{text}| {label} | {} |\n", cells.join(" "));
            }
            parts = after;
            // An empty line between facts is for terminals.
            while let Some((Part::Gap, after @ [Part::Table { columns: [], .. }, ..])) = parts.split_first() {
                parts = after;
            }
        }
        if text.len() > empty {
            self.block(&text);
        }
        parts
    }

    /// Writes a table with its label as a heading; rows of one cell are a list, and one such row a sentence.
    fn table(&mut self, label: &str, names: &[&str], rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        if !label.is_empty() {
            self.heading(label, "");
        }
        let has_symbols = rows.iter().any(|row| !row.symbol.is_empty());
        let mut rows: Vec<Vec<String>> = rows.iter().map(|row| cells(row, has_symbols)).collect();
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        if columns > 1 {
            let line = |cells: &[String]| {
                let cells = (0..columns).map(|at| cells.get(at).map_or("", String::as_str));
                cells.fold("|".to_owned(), |line, cell| format!("{line} {cell} |")) + "\n"
            };
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let head = format!("{}|{}\n", line(&names), "---|".repeat(columns));
            self.block(&rows.iter().fold(head, |text, row| text + &line(row)));
        } else if let [row] = rows.as_mut_slice() {
            self.block(&row.concat());
        } else {
            self.list(rows.iter().map(|row| row.concat()));
        }
    }

    /// Writes parts as a block of text, in a fence that its text cannot end.
    fn literal(&mut self, parts: &[Part]) {
        let text = terminal::text(parts, Style { color: false, width: WIDTH });
        let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
        let fence = "`".repeat(longest.max(2) + 1);
        self.block(&format!("{fence}text\n{}\n{fence}", text.trim_end()));
    }
}

/// Returns the cells of a row; its symbol is the first, as code, if rows have symbols.
fn cells(row: &Row, has_symbols: bool) -> Vec<String> {
    let symbol = if row.symbol.is_empty() { String::new() } else { format!("`{}`", row.symbol) };
    let symbol = has_symbols.then_some(symbol);
    symbol.into_iter().chain(row.cells.iter().map(|cell| escaped(&one_line(cell)))).collect()
}

/// Returns text in which no character is markup.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let is_inside = before.is_alphanumeric() && rest.peek().is_some_and(|next| next.is_alphanumeric());
        let is_markup = match c {
            '_' => !is_inside,
            '\\' | '`' | '*' | '[' | ']' | '<' | '|' | '~' | '&' => true,
            // At the start, these begin a heading, a list or a quotation.
            '#' | '>' | '-' | '+' | '=' => escaped.is_empty(),
            _ => false,
        };
        if is_markup {
            escaped.push('\\');
        }
        escaped.push(c);
        before = c;
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::*;

    #[test]
    fn a_page_is_a_document() {
        let mut page = Page::new(Style::default());
        page.heading("Lab · plan", "nothing was sent");
        page.prose("It reads\n  a secret.");
        page.gap();
        page.labelled("Acts as", "ann");
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        page.table("Changes", &[Row { symbol: "+", cells: cells(["blob", "a|b"]) }]);
        page.labelled("Reads", "a|b");
        page.gap();
        page.table("Leaves", &["a", "b"].map(|cell| Row::of([cell.to_owned()])));
        page.gap();
        page.heading("Requests", "");
        page.entry(2, ("1", 1), "GET /a");
        page.line(6, "needs it");
        page.gap();
        page.line(0, "1 step");
        let expected = "# Lab · plan\n\nnothing was sent\n\nIt reads a secret.\n\n|  |  |\n|---|---|\n| Acts as | ann |\n\
            | Changes | `+` blob a\\|b |\n| Reads | a\\|b |\n| Leaves | a |\n|  | b |\n\n\
            ## Requests\n\n```text\n  1  GET /a\n      needs it\n```\n\n1 step\n";
        assert_eq!(page.markdown(), expected);
    }

    #[test]
    fn text_is_never_markup() {
        for (text, markdown) in [
            ("step.arm_list.x", "step.arm_list.x"),
            ("_a_ *b* <c> [d](e) `f`", "\\_a\\_ \\*b\\* \\<c> \\[d\\](e) \\`f\\`"),
            ("# a", "\\# a"),
            ("a | b & c", "a \\| b \\& c"),
        ] {
            assert_eq!(escaped(text), markdown);
        }
        let mut page = Page::new(Style::default());
        page.line(2, "a ``` b");
        assert_eq!(page.markdown(), "````text\n  a ``` b\n````\n");
    }
}
