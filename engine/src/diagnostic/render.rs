//! Renders diagnostics for people.

use std::fmt::Write;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;

use super::excerpt::Excerpt;
use super::visible::{visible, visible_line};
use super::{Diagnostic, Diagnostics, Label, Severity};
use crate::source::{FileId, Position, Sources};

/// The style of rendered diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// True for colours, as ANSI escapes.
    pub color: bool,
    /// The width of snippets, in columns.
    pub width: usize,
}

impl Default for Style {
    /// Returns a style without colours, 100 columns wide.
    fn default() -> Self {
        Self { color: false, width: 100 }
    }
}

/// Renders one diagnostic in the style of rustc, without a final line feed.
///
/// Control characters are shown as `\u{1b}`, in messages and snippets alike.
#[must_use]
pub fn render(diagnostic: &Diagnostic, sources: &Sources, style: &Style) -> String {
    let views = views(diagnostic, sources);
    let mut group = Group::with_title(
        level(diagnostic.severity).primary_title(visible_line(&diagnostic.summary)).id(diagnostic.code),
    );
    for view in &views {
        group = match &view.excerpt {
            Some(excerpt) => group.element(view.snippet(excerpt)),
            None => group.element(view.place()),
        };
    }
    if let Some(around) = around(diagnostic) {
        group = group.element(Level::NOTE.with_name("in").message(visible_line(&around)));
    }
    if let Some(detail) = &diagnostic.detail {
        group = group.element(Level::NOTE.message(visible(detail)));
    }
    for shown in &diagnostic.values {
        let line = format!("{} {}", visible_line(&shown.expression), visible_line(&shown.phrase));
        group = group.element(Level::NOTE.with_name("value").message(line));
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(visible(help)));
    }
    let renderer = if style.color { Renderer::styled() } else { Renderer::plain() };
    let text = renderer.term_width(style.width).render(&[group]);
    views.iter().fold(text, |text, view| view.mend_column(text))
}

/// Returns the address to show, unless the text names it or it is a plain value of the root runbook.
fn around(diagnostic: &Diagnostic) -> Option<String> {
    let address = diagnostic.address.as_ref()?;
    let label = diagnostic.primary.as_ref().map_or("", |label| label.text.as_str());
    let is_named = diagnostic.summary.contains(address.as_str()) || label.contains(address.as_str());
    let is_plain = ["var.", "local.", "output.", "check."].iter().any(|root| address.starts_with(root));
    match diagnostic.others.len() {
        0 if diagnostic.primary.is_some() && (is_named || is_plain) => None,
        0 => Some(address.clone()),
        more => Some(format!("{address} and {more} more")),
    }
}

/// The maximum number of diagnostics of one kind shown to people.
const SHOWN: usize = 20;

/// Renders all diagnostics, separated by empty lines, and a final line with their numbers; an empty text
/// without diagnostics.
///
/// Beyond the limit for one kind, only the number of further ones is shown.
#[must_use]
pub fn render_all(diagnostics: &Diagnostics, sources: &Sources, style: &Style) -> String {
    let mut out = String::new();
    let mut kinds: IndexMap<(Severity, &str), usize> = IndexMap::new();
    for diagnostic in diagnostics {
        let count = kinds.entry((diagnostic.severity, diagnostic.code)).or_default();
        *count += 1;
        if *count <= SHOWN {
            out += &render(diagnostic, sources, style);
            out += "\n\n";
        }
    }
    for ((_, code), count) in kinds {
        if let Some(more) = count.checked_sub(SHOWN).filter(|more| *more > 0) {
            let _ = writeln!(out, "{more} more of `{code}`: `-json` has them all\n");
        }
    }
    if !diagnostics.is_empty() {
        out += &diagnostics.tally();
        out.push('\n');
    }
    out
}

fn level(severity: Severity) -> Level<'static> {
    match severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    }
}

/// The part of a file that a diagnostic shows.
struct View<'a> {
    path: String,
    /// The position of the first label.
    start: Position,
    /// The lines around the labels; none for a confidential file.
    excerpt: Option<Excerpt>,
    labels: Vec<(AnnotationKind, &'a Label)>,
}

impl View<'_> {
    /// Returns the position alone, for a confidential file.
    fn place(&self) -> Origin<'_> {
        Origin::path(self.path.as_str()).line(self.start.line).char_column(self.start.column)
    }

    fn snippet<'a>(&'a self, excerpt: &'a Excerpt) -> Snippet<'a, Annotation<'a>> {
        let annotations = self.labels.iter().zip(&excerpt.ranges).map(|(&(kind, label), range)| {
            let text = (!label.text.is_empty()).then(|| visible_line(&label.text));
            kind.span(range.clone()).label(text)
        });
        Snippet::source(excerpt.text.as_str())
            .line_start(excerpt.first_line)
            .path(self.path.as_str())
            .annotations(annotations)
    }

    /// Replaces the column in the header by that in the file: the renderer counts in the excerpt, which
    /// differs if text before the label is cut or escaped.
    fn mend_column(&self, text: String) -> String {
        let Some(excerpt) = &self.excerpt else { return text };
        let before = &excerpt.text[..excerpt.ranges[0].start];
        let shown = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
        if shown == self.start.column {
            return text;
        }
        let place = format!("{}:{}:", self.path, self.start.line);
        text.replacen(&format!("{place}{shown}\n"), &format!("{place}{}\n", self.start.column), 1)
    }
}

/// Returns the views of all files with labels, that of the primary label first.
fn views<'a>(diagnostic: &'a Diagnostic, sources: &Sources) -> Vec<View<'a>> {
    let primary = diagnostic.primary.iter().map(|label| (AnnotationKind::Primary, label));
    let secondary = diagnostic.secondary.iter().map(|label| (AnnotationKind::Context, label));
    let mut files: Vec<(FileId, Vec<_>)> = Vec::new();
    for (kind, label) in primary.chain(secondary) {
        match files.iter_mut().find(|(file, _)| *file == label.span.file) {
            Some((_, labels)) => labels.push((kind, label)),
            None => files.push((label.span.file, vec![(kind, label)])),
        }
    }
    let view = |(file, labels): (FileId, Vec<(AnnotationKind, &'a Label)>)| {
        let spans: Vec<_> = labels.iter().map(|(_, label)| label.span.range()).collect();
        let file = sources.file(file);
        let path = visible_line(&file.path().display().to_string());
        let excerpt = (!file.is_confidential()).then(|| Excerpt::new(file, &spans));
        View { path, start: sources.start(labels[0].1.span), excerpt, labels }
    };
    files.into_iter().map(view).collect()
}

#[cfg(test)]
mod tests;
