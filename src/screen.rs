//! The program's output.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{
    Diagnostic, Diagnostics, Style, render, render_all, visible, visible_colored, visible_json, visible_line,
};
use arcbook_engine::layout::flowed_line;
use arcbook_engine::redact::{Redact, RedactingWriter, Secrets, redact_json};
use arcbook_engine::source::Sources;

use crate::actor;
use crate::exit::Exit;
use crate::summary::Collector;

/// The width of a screen of unknown size, in columns.
const WIDTH: usize = 100;

/// The smallest width of a page, in columns.
const NARROWEST: usize = 40;

/// The indentation of a continued line, as on pages.
const HANG: usize = 3;

/// The height of a screen of unknown size, in lines.
const HEIGHT: usize = 24;

/// Standard output and standard error, each behind a writer that redacts all secrets of the run; clones share
/// them.
///
/// Text comes from file names, records, services and the environment. It is escaped here, so that only the
/// program's own colors and cursor movements reach the terminal.
///
/// A closed pipe, as with `head`, is not an error. Other errors of standard output are kept, and
/// [`failure`](Self::failure) returns the first one at the end.
#[derive(Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct Screen {
    out: Arc<Mutex<RedactingWriter<Box<dyn Write + Send>>>>,
    err: Arc<Mutex<RedactingWriter<Box<dyn Write + Send>>>>,
    secrets: Secrets,
    /// True if the output is JSON for tools.
    pub json: bool,
    /// True if only warnings and errors are printed.
    pub quiet: bool,
    /// True if messages may be colored.
    color: bool,
    /// True if pages may be colored.
    page_color: bool,
    /// The first failure of standard output.
    failure: Arc<OnceLock<String>>,
    /// The facts for the last line of standard output, if it is a summary.
    pub summary: Option<Collector>,
}

impl Screen {
    /// Creates the screen of this process.
    pub fn new(json: bool, no_color: bool) -> Self {
        let wanted = !json && !is_monochrome(no_color);
        let secrets = Secrets::new();
        let writer = |stream: Box<dyn Write + Send>| {
            Arc::new(Mutex::new(RedactingWriter::new(stream, secrets.clone())))
        };
        Self {
            out: writer(Box::new(io::stdout())),
            err: writer(Box::new(io::stderr())),
            color: wanted && io::stderr().is_terminal(),
            page_color: wanted && io::stdout().is_terminal(),
            secrets,
            json,
            quiet: false,
            failure: Arc::default(),
            summary: None,
        }
    }

    /// Returns the same screen, which prints only warnings and errors if `quiet`.
    pub fn quieted(&self, quiet: bool) -> Self {
        Self { quiet, ..self.clone() }
    }

    /// Returns the same screen, whose last line is a summary if `summarized`.
    pub fn summarized(&self, summarized: bool) -> Self {
        let summary = summarized.then(|| Collector::begin(actor::of_process().host));
        Self { summary, ..self.clone() }
    }

    /// Writes the summary of a run that ends with `exit`, if one is wanted.
    pub fn summarize(&self, exit: Exit) {
        if let Some(summary) = &self.summary {
            self.put_clean(&summary.line(exit, &self.secrets));
        }
    }

    /// Returns the secrets that are redacted.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Returns whether the output is a terminal that supports redrawing.
    pub fn is_live(&self) -> bool {
        !self.json && io::stdout().is_terminal() && !is_dumb()
    }

    /// Returns true if standard error is a terminal that can redraw a line.
    pub fn draws_notes(&self) -> bool {
        !self.json && io::stderr().is_terminal() && !is_dumb()
    }

    /// Writes text to standard output.
    pub fn print(&self, text: &str) {
        self.put(&visible(text));
    }

    /// Writes a page of [`Self::page_style`] to standard output.
    pub fn page(&self, text: &str) {
        self.put(&if self.page_color { visible_colored(text) } else { visible(text) });
    }

    /// Returns the style of pages on standard output: as wide as the terminal, or as `COLUMNS` says.
    pub fn page_style(&self) -> Style {
        Style { color: self.page_color, width: columns().unwrap_or(WIDTH) }
    }

    /// Writes a line to standard output, in as many lines as it needs.
    pub fn flow(&self, line: &str) {
        self.print(&self.flowed(line));
    }

    /// Returns the lines of such a line.
    pub fn flowed(&self, line: &str) -> String {
        let Some(columns) = columns() else { return format!("{line}\n") };
        // The line is redacted before it is broken, because the parts of a secret would not be recognized.
        let line = visible(&self.secrets.redact(line)).into_owned();
        let lines = line.split('\n').flat_map(|line| flowed_line(line, columns, HANG));
        lines.map(|line| line + "\n").collect()
    }

    /// Writes text for other programs to standard output: unchanged, unless it is a terminal.
    pub fn print_exactly(&self, text: &str) {
        if io::stdout().is_terminal() { self.print(text) } else { self.put(text) }
    }

    /// Writes text to standard output, replacing its last `lines` lines.
    pub fn redraw(&self, lines: usize, text: &str) {
        let text = visible(text);
        self.put(&if lines > 0 { format!("\x1b[{lines}A\x1b[J{text}") } else { text.into_owned() });
    }

    fn put(&self, text: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }

    /// Writes a line to standard output.
    pub fn line(&self, line: &str) {
        self.print(&format!("{line}\n"));
    }

    /// Records a failure of standard output.
    fn watch(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            // Only the first failure is kept.
            let _ = self.failure.set(error.to_string());
        }
    }

    /// Flushes standard output and returns its first failure.
    pub fn failure(&self) -> Option<&str> {
        self.watch(io::stdout().flush());
        self.failure.get().map(String::as_str)
    }

    /// Writes a line to standard error.
    pub fn note(&self, line: &str) {
        self.put_note(&visible(line));
    }

    fn put_note(&self, line: &str) {
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = err.write_all(format!("{line}\n").as_bytes()).and_then(|()| err.flush());
    }

    /// Writes a line to standard error over the one that was drawn before.
    pub fn draw_note(&self, line: &str) {
        // The line is redacted before it is cut, because a truncated secret would not be recognized.
        let line: String = visible_line(&self.secrets.redact(line)).chars().take(width() - 1).collect();
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = err.write_all(format!("\r\x1b[K{line}").as_bytes()).and_then(|()| err.flush());
    }

    /// Writes JSON to standard error, on one line.
    pub fn note_object(&self, object: &serde_json::Value) {
        let line = redact_json(&self.secrets, object.clone()).to_string();
        let line = visible_json(&line);
        let mut err = self.err.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = err.write_clean(format!("{line}\n").as_bytes()).and_then(|()| err.flush());
    }

    /// Writes text that the user asked for to standard output, unredacted; returns whether that succeeded.
    pub fn reveal(&self, text: &str) -> bool {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stdout = io::stdout();
        let written = out
            .flush()
            .and_then(|()| stdout.write_all(visible(text).as_bytes()))
            .and_then(|()| stdout.flush());
        let taken = written.is_ok();
        self.watch(written);
        taken
    }

    /// Writes JSON to standard output, on one line, with all its strings redacted.
    pub fn object(&self, object: &impl serde::Serialize) {
        let Ok(object) = serde_json::to_value(object) else { return };
        self.clean_object(&redact_json(&self.secrets, object));
    }

    /// Writes typed data as JSON to standard output, on one line.
    pub fn typed<T: Redact + serde::Serialize>(&self, data: &T) {
        let Ok(object) = serde_json::to_value(&*self.secrets.redacted(data)) else { return };
        self.clean_object(&object);
    }

    /// Writes JSON without secrets to standard output, on one line.
    pub fn clean_object(&self, line: &serde_json::Value) {
        let line = line.to_string();
        self.put_clean(&visible_json(&line));
    }

    fn put_clean(&self, line: &str) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch(out.write_clean(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
    }

    /// Writes diagnostics: to standard error as text, or to standard output as JSON, one object per line.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        if let Some(summary) = &self.summary {
            summary.failed(diagnostics);
        }
        if self.json {
            for diagnostic in diagnostics {
                self.object(&serde_json::json!({ "diagnostic": JsonDiagnostic::new(diagnostic, sources) }));
            }
            return;
        }
        self.message(render_all(diagnostics, sources, &self.style()).trim_end_matches('\n'));
    }

    /// Writes a diagnostic about standard output itself to standard error.
    pub fn complain_of_output(&self, diagnostic: &Diagnostic) {
        if self.json {
            let diagnostic = JsonDiagnostic::new(diagnostic, &Sources::new());
            self.note_object(&serde_json::json!({ "diagnostic": diagnostic }));
        } else {
            self.complain(&diagnostic.clone().into(), &Sources::new());
        }
    }

    /// Writes the errors of an interactive line to standard error, without a count.
    pub fn complain(&self, diagnostics: &Diagnostics, sources: &Sources) {
        for diagnostic in diagnostics {
            self.message(&render(diagnostic, sources, &self.style()));
        }
    }

    /// Writes a rendered message to standard error, with its colors if those are enabled.
    fn message(&self, text: &str) {
        self.put_note(&if self.color { visible_colored(text) } else { visible(text) });
    }

    fn style(&self) -> Style {
        Style { color: self.color, width: width() }
    }

    /// Returns whether messages may be colored.
    pub fn is_colored(&self) -> bool {
        self.color
    }

    /// Writes one diagnostic without a source file.
    pub fn diagnostic(&self, diagnostic: impl Into<Diagnostics>) {
        self.diagnostics(&diagnostic.into(), &Sources::new());
    }
}

/// Returns true if `-no-color`, `NO_COLOR` or `TERM=dumb` turns colours off.
pub fn is_monochrome(no_color: bool) -> bool {
    forbids_color(no_color, |name| std::env::var_os(name)) || !has_escapes()
}

fn forbids_color(no_color: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    no_color || variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || knows_no_escapes(variable)
}

/// Returns true if the terminal supports no escapes.
fn is_dumb() -> bool {
    knows_no_escapes(|name| std::env::var_os(name)) || !has_escapes()
}

/// Returns true if the console interprets escapes, which those before Windows 10 do not.
fn has_escapes() -> bool {
    static HAS_ESCAPES: LazyLock<bool> = LazyLock::new(arcbook_os::console::enable_escapes);
    *HAS_ESCAPES
}

fn knows_no_escapes(variable: impl Fn(&str) -> Option<OsString>) -> bool {
    variable("TERM").is_some_and(|term| term == "dumb")
}

/// Returns the width of the terminal, in columns.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).max(20))
}

/// Returns the width of lines on standard output: that of the terminal, or as `COLUMNS` says; none for a file or a pipe, whose
/// readers search lines.
pub fn columns() -> Option<usize> {
    let columns = || std::env::var("COLUMNS").ok()?.parse::<usize>().ok();
    let columns = if io::stdout().is_terminal() { Some(width()) } else { columns() };
    columns.map(|columns| columns.max(NARROWEST))
}

/// Returns the height of the terminal, in lines.
pub fn height() -> usize {
    terminal_size::terminal_size().map_or(HEIGHT, |(_, height)| usize::from(height.0).max(3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_of_three_turns_colours_off() {
        // Whether `-no-color` is typed, the environment, and whether colours are off.
        type Case = (bool, &'static [(&'static str, &'static str)], bool);
        let cases: [Case; 9] = [
            (false, &[], false),
            (true, &[], true),
            (false, &[("NO_COLOR", "1")], true),
            (false, &[("NO_COLOR", "")], false),
            (false, &[("TERM", "dumb")], true),
            (false, &[("TERM", "xterm")], false),
            (false, &[("TERM", "xterm"), ("NO_COLOR", "0")], true),
            // Nothing turns them on where one of the three turns them off.
            (false, &[("TERM", "dumb"), ("CLICOLOR_FORCE", "1")], true),
            (true, &[("TERM", "xterm"), ("CLICOLOR_FORCE", "1")], true),
        ];
        for (no_color, variables, expected) in cases {
            let variable = |name: &str| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| OsString::from(value))
            };
            assert_eq!(forbids_color(no_color, variable), expected, "{no_color} {variables:?}");
        }
    }
}
