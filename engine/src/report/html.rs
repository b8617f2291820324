//! Writes a report as one HTML file.
//!
//! The file has no script, and its policy allows none: only its own style sheet, by its digest, and nothing from
//! elsewhere. A part that is folded is an element that browsers open by themselves, also with the keyboard, and that
//! paper has open.

use std::fmt::{Display, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::document::{Block, Document, Fold, Section};
use super::reported_run::took;
use super::timeline::{Chart, ChartRow};
use crate::graph::{Outcome, PICTURE_STYLE, Picture};
use crate::layout::{escape_markup, one_line};

/// The beginning of each report.
pub const BEGINNING: &str = "<!DOCTYPE html>\n<!-- A report of arcbook. -->\n";

/// The style sheet of reports, without that of pictures.
const STYLE: &str = include_str!("report.css");

/// Says what the rows of a picture are.
const ROWS: &str =
    "Each step comes below those that it waits for; those side by side may run at the same time.";

impl Document {
    /// Returns the report as one HTML file: without scripts, without links to elsewhere, for screens and for paper.
    #[must_use]
    pub fn html(&self) -> String {
        text(self)
    }
}

fn text(document: &Document) -> String {
    let mut out = Html::default();
    out.head(document);
    out.put("<body>\n<a class=\"skip\" href=\"#first\">Skip to the report</a>");
    out.contents(document);
    out.put("<main>\n<section id=\"first\" aria-label=\"Summary\" tabindex=\"0\">");
    out.text.push_str(&document.first.html_below(0));
    out.put("</section>");
    document.sections.iter().for_each(|section| out.section(section));
    out.put("</main>");
    out.put(format_args!("<footer><p>{}</p></footer>\n</body>\n</html>", clean(&document.source)));
    out.text
}

/// Returns foreign text as one line without markup.
fn clean(text: &str) -> String {
    escape_markup(&one_line(text))
}

/// The text that is written so far.
#[derive(Default)]
struct Html {
    text: String,
}

impl Html {
    fn put(&mut self, line: impl Display) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{line}");
    }

    fn head(&mut self, document: &Document) {
        // The policy has the digest of exactly the text between the tags.
        let style = format!("{STYLE}{PICTURE_STYLE}");
        let digest = STANDARD.encode(Sha256::digest(style.as_bytes()));
        let policy =
            format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
        self.text.push_str(BEGINNING);
        self.put("<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
        self.put(format_args!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"));
        self.put("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        self.put("<meta name=\"color-scheme\" content=\"light dark\">");
        self.put(
            "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"arcbook\">",
        );
        self.put(format_args!("<title>{}</title>\n<style>{style}</style>\n</head>", clean(&document.title)));
    }

    fn contents(&mut self, document: &Document) {
        self.put("<nav aria-label=\"Contents\"><ul>\n<li><a href=\"#first\">Summary</a></li>");
        for Section { id, title, .. } in &document.sections {
            self.put(format_args!("<li><a href=\"#{id}\">{title}</a></li>"));
        }
        self.put("</ul></nav>");
    }

    fn section(&mut self, section: &Section) {
        let Section { id, title, blocks } = section;
        self.put(format_args!("<section id=\"{id}\" aria-labelledby=\"{id}-title\" tabindex=\"0\">"));
        self.put(format_args!("<h2 id=\"{id}-title\">{title}</h2>"));
        for block in blocks {
            match block {
                Block::Page(page) => self.text.push_str(&page.html_below(2)),
                Block::Picture(drawing) => self.picture(&Picture::of(drawing)),
                Block::Chart(chart) => self.chart(chart),
                Block::Folds(folds) => folds.iter().for_each(|fold| self.fold(fold)),
            }
        }
        self.put("</section>");
    }

    /// Writes a picture, which a reader can scroll with the keyboard too.
    fn picture(&mut self, picture: &Picture) {
        self.put(format_args!("<p>{}. {ROWS}</p>", clean(picture.summary())));
        self.put("<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"Graph of the steps\">");
        self.text.push_str(&picture.element());
        self.put("</div>");
    }

    fn fold(&mut self, fold: &Fold) {
        let Fold { title, note, class, is_open, page } = fold;
        let open = if *is_open { " open" } else { "" };
        let (title, note) = (clean(title), clean(note));
        self.put(format_args!(
            "<details{open}><summary><span class=\"name\">{title}</span> <span class=\"note {class}\">{note}</span></summary>"
        ));
        self.text.push_str(&page.html_below(2));
        self.put("</details>");
    }

    fn chart(&mut self, chart: &Chart) {
        if chart.rows.is_empty() {
            return self.put("<p>The record has no step that began.</p>");
        }
        self.put(
            "<p>A dark bar is work, the light one before it a wait for a place. Steps of the critical path \
             determined the duration of the run.</p>",
        );
        if chart.left_out > 0 {
            self.put(format_args!(
                "<p>The longest rows are shown; {} steps and tokens have none.</p>",
                chart.left_out
            ));
        }
        self.put(format_args!(
            "<table class=\"chart\">\n<thead><tr><th scope=\"col\">step</th>\
             <th scope=\"col\">from 0 to {}</th><th scope=\"col\">began</th><th scope=\"col\">took</th>\
             <th scope=\"col\">path</th></tr></thead>\n<tbody>",
            took(chart.total)
        ));
        for row in &chart.rows {
            self.chart_row(row, chart.total.max(1));
        }
        self.put("</tbody></table>");
    }

    fn chart_row(&mut self, row: &ChartRow, total: u64) {
        let mut bars = String::new();
        for (began, ended) in &row.queued {
            bar(&mut bars, "queued", (*began, *ended), total);
        }
        for (began, ended, outcome) in &row.bars {
            bar(&mut bars, Outcome::class(*outcome), (*began, *ended), total);
        }
        let (began, ended) = row.extent();
        let (class, path) = if row.is_critical { (" class=\"critical\"", "critical") } else { ("", "") };
        self.put(format_args!(
            "<tr{class}><th scope=\"row\">{}</th><td class=\"bars\"><svg aria-hidden=\"true\" width=\"100%\" \
             height=\"14\" viewBox=\"0 0 1000 14\" preserveAspectRatio=\"none\">{bars}</svg></td>\
             <td data-name=\"began\">{}</td><td data-name=\"took\">{}</td><td>{path}</td></tr>",
            clean(&row.label),
            took(began),
            took(ended - began)
        ));
    }
}

/// Writes a bar of a chart, which is never too narrow to be seen.
fn bar(bars: &mut String, class: &str, (began, ended): (u64, u64), total: u64) {
    let part = |time: u64| time.saturating_mul(1_000) / total;
    let (left, width) = (part(began).min(997), (part(ended) - part(began)).max(3));
    // Writing to a string cannot fail.
    let _ = write!(bars, "<rect class=\"{class}\" x=\"{left}\" y=\"1\" width=\"{width}\" height=\"12\"/>");
}
