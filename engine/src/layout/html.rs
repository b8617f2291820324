//! Writes the parts of a page as HTML.

use std::fmt::{Display, Write};

use super::foreign::{one_line, words};
use super::part::{Part, meanings};
use super::{Ink, Row, escape_markup, terminal};
use crate::diagnostic::Style;

/// The width of blocks of text.
const WIDTH: usize = 100;

/// Returns the parts as HTML: headings, sentences and tables as such, all others in blocks of text. They belong to a
/// heading of the level `below`, or are the whole document, if that is 0.
///
/// Tables whose columns have no names are the rows of one table, beside their labels.
pub(super) fn text(parts: &[Part], below: usize) -> String {
    let mut out = Html { text: String::new(), below };
    let mut rest = parts;
    while let Some((part, after)) = rest.split_first() {
        match part {
            Part::Heading { left, right } => out.heading(left, right),
            Part::Prose(text) => out.put(format_args!("<p>{}</p>", escape_markup(&words(text)))),
            Part::Line { indent: 0, text, ink } => out.line(*ink, text),
            Part::List(lines) => out.list(lines),
            Part::Table { columns: [], .. } => {
                rest = out.facts(rest);
                continue;
            }
            Part::Table { label, columns, rows } => out.table(label, columns, rows),
            Part::Gap => {}
            Part::Legend(legend) => {
                if let Some(words) = meanings(parts, legend) {
                    out.put(format_args!("<p>{}</p>", escape_markup(&words)));
                }
            }
            _ => {
                rest = out.literal(rest);
                continue;
            }
        }
        rest = after;
    }
    out.text
}

/// The text that is written so far.
struct Html {
    text: String,
    /// The level of the heading that the next one belongs to.
    below: usize,
}

impl Html {
    fn put(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn heading(&mut self, left: &str, right: &str) {
        let level = self.below.min(5) + 1;
        self.below = self.below.max(1);
        self.put(format_args!("<h{level}>{}</h{level}>", escape_markup(&one_line(left))));
        if !right.is_empty() {
            self.put(format_args!("<p>{}</p>", escape_markup(&one_line(right))));
        }
    }

    fn line(&mut self, ink: Ink, text: &str) {
        let class = class(ink).map_or_else(String::new, |class| format!(" class=\"{class}\""));
        self.put(format_args!("<p{class}>{}</p>", escape_markup(&one_line(text))));
    }

    fn list(&mut self, lines: &[String]) {
        self.put("<ul>");
        for line in lines {
            self.put(format_args!("<li>{}</li>", escape_markup(&one_line(line))));
        }
        self.put("</ul>");
    }

    /// Writes the tables without columns that `parts` begin with, and returns the other parts.
    fn facts<'a>(&mut self, mut parts: &'a [Part]) -> &'a [Part] {
        let mut body = String::new();
        while let Some((Part::Table { label, columns: [], rows }, after)) = parts.split_first() {
            for (at, row) in rows.iter().enumerate() {
                body.push_str("<tr>");
                if at == 0 {
                    let label = escape_markup(&one_line(label));
                    // Facts without a label belong to those before them.
                    let tag = if label.is_empty() { "td" } else { "th scope=\"rowgroup\"" };
                    let end = if label.is_empty() { "td" } else { "th" };
                    let _ = write!(body, "<{tag} rowspan=\"{}\">{label}</{end}>", rows.len());
                }
                let _ = writeln!(body, "<td>{}</td></tr>", spans(row));
            }
            if !rows.is_empty() {
                body = format!("{body}</tbody>\n<tbody>\n");
            }
            parts = after;
        }
        if let Some(body) = body.strip_suffix("<tbody>\n") {
            self.put(format_args!("<table class=\"facts\">\n<tbody>\n{body}</table>"));
        }
        parts
    }

    /// Writes a table with the names of its columns, and its label as a heading.
    fn table(&mut self, label: &str, names: &[&str], rows: &[Row]) {
        if rows.is_empty() {
            return;
        }
        if !label.is_empty() {
            self.heading(label, "");
        }
        let has_symbols = rows.iter().any(|row| !row.symbol.is_empty());
        let columns = names
            .len()
            .max(rows.iter().map(|row| row.cells.len() + usize::from(has_symbols)).max().unwrap_or(0));
        let mut head = String::new();
        for at in 0..columns {
            // A header without words says nothing to a screen reader.
            let name = names.get(at).copied().filter(|name| !name.is_empty()).unwrap_or("change");
            let _ = write!(head, "<th scope=\"col\">{}</th>", escape_markup(name));
        }
        self.put(format_args!("<table>\n<thead><tr>{head}</tr></thead>\n<tbody>"));
        for row in rows {
            self.put(cells(row, names, has_symbols));
        }
        self.put("</tbody></table>");
    }

    /// Writes the parts up to the next one with markup of its own as a block of text, and returns the others.
    fn literal<'a>(&mut self, parts: &'a [Part]) -> &'a [Part] {
        let length = parts.iter().position(Part::has_markup).unwrap_or(parts.len());
        let (block, rest) = parts.split_at(length);
        let text = terminal::text(block, Style { color: false, width: WIDTH });
        self.put(format_args!("<pre>{}</pre>", escape_markup(text.trim_end())));
        rest
    }
}

/// Returns the cells of a row without empty ones at its end; the first one without a symbol is its header.
///
/// Each other cell has the name of its column, which narrow screens show before it.
fn cells(row: &Row, names: &[&str], has_symbols: bool) -> String {
    let mut line = String::from("<tr>");
    if has_symbols {
        let class = class(row.ink()).map_or_else(String::new, |class| format!(" {class}"));
        let _ = write!(line, "<td class=\"symbol{class}\">{}</td>", escape_markup(row.symbol));
    }
    let count = row.cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
    for (at, cell) in row.cells[..count].iter().enumerate() {
        let cell = escape_markup(&one_line(cell));
        if at == 0 {
            let _ = write!(line, "<th scope=\"row\">{cell}</th>");
            continue;
        }
        let name = names.get(at + usize::from(has_symbols)).copied().unwrap_or_default();
        let name = Some(escape_markup(name)).filter(|name| !name.is_empty() && !cell.is_empty());
        let name = name.map_or_else(String::new, |name| format!(" data-name=\"{name}\""));
        let _ = write!(line, "<td{name}>{cell}</td>");
    }
    line + "</tr>"
}

/// Returns the symbol and the cells of a row in one cell.
fn spans(row: &Row) -> String {
    let class = class(row.ink()).map_or_else(String::new, |class| format!(" class=\"{class}\""));
    let symbol = (!row.symbol.is_empty()).then(|| format!("<b{class}>{}</b>", escape_markup(row.symbol)));
    let cells = row.cells.iter().filter(|cell| !cell.is_empty());
    let cells = cells.map(|cell| format!("<span>{}</span>", escape_markup(&one_line(cell))));
    symbol.into_iter().chain(cells).collect::<Vec<_>>().join(" ")
}

/// Returns the class of a colour in style sheets.
fn class(ink: Ink) -> Option<&'static str> {
    match ink {
        Ink::Plain => None,
        Ink::Bold => Some("strong"),
        Ink::Green => Some("good"),
        Ink::Yellow => Some("warn"),
        Ink::Red => Some("bad"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Page;
    use super::*;

    #[test]
    fn a_page_is_a_part_of_a_document() {
        let mut page = Page::new(Style::default());
        page.heading("Lab · plan", "nothing was sent");
        page.prose("It reads\n  a secret.");
        page.gap();
        page.labelled("Acts as", "ann");
        let cells = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        page.table("Changed", &[Row { symbol: "+", cells: cells(["blob", "a|b"]) }]);
        page.columns(
            "Changes",
            &["", "object", "name"],
            vec![Row { symbol: "+", cells: cells(["blob", "a"]) }],
        );
        page.columns("Hosts", &["host"], vec![Row::of(["x".to_owned()])]);
        page.entry(2, ("1", 1), "GET /a");
        page.inked(0, Ink::Red, "altered");
        let expected = "<h2>Lab · plan</h2>\n<p>nothing was sent</p>\n<p>It reads a secret.</p>\n\
            <table class=\"facts\">\n<tbody>\n\
            <tr><th scope=\"rowgroup\" rowspan=\"1\">Acts as</th><td><span>ann</span></td></tr>\n</tbody>\n<tbody>\n\
            <tr><th scope=\"rowgroup\" rowspan=\"1\">Changed</th>\
            <td><b class=\"good\">+</b> <span>blob</span> <span>a|b</span></td></tr>\n</tbody>\n</table>\n\
            <h2>Changes</h2>\n<table>\n\
            <thead><tr><th scope=\"col\">change</th><th scope=\"col\">object</th><th scope=\"col\">name</th></tr></thead>\n\
            <tbody>\n<tr><td class=\"symbol good\">+</td><th scope=\"row\">blob</th><td data-name=\"name\">a</td></tr>\n</tbody></table>\n\
            <h2>Hosts</h2>\n<table>\n<thead><tr><th scope=\"col\">host</th></tr></thead>\n<tbody>\n\
            <tr><th scope=\"row\">x</th></tr>\n</tbody></table>\n<pre>  1  GET /a</pre>\n<p class=\"bad\">altered</p>\n";
        assert_eq!(page.html_below(1), expected);
    }

    #[test]
    fn text_is_never_markup() {
        let hostile = "</pre><script>alert(1)</script>\"'&amp;";
        let mut page = Page::new(Style::default());
        page.heading(hostile, hostile);
        page.prose(hostile);
        page.line(0, hostile);
        page.line(2, hostile);
        page.pair(2, (hostile, 1), hostile);
        page.list(hostile, &[hostile.to_owned()]);
        page.table(hostile, &[Row::of([hostile.to_owned()])]);
        page.columns(hostile, &["a", "b"], vec![Row::of([hostile.to_owned(), hostile.to_owned()])]);
        let html = page.html_below(0);
        assert!(!html.contains("<script") && !html.contains("&amp;amp;&"), "{html}");
        assert_eq!(html.matches("alert(1)").count(), 14, "{html}");
        assert_eq!(html.matches("<pre>").count(), 1, "{html}");
        assert_eq!(html.matches("</pre>").count(), 1, "{html}");
    }
}
