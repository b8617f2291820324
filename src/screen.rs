//! Everything the program prints.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use arcbook_engine::diagnostic::json::JsonDiagnostic;
use arcbook_engine::diagnostic::{
    Diagnostic, Diagnostics, Style, render, render_all, visible, visible_colored, visible_json, visible_line,
};
use arcbook_engine::redact::{Redact, RedactingWriter, Secrets, redact_json};
use arcbook_engine::source::Sources;

/// The width of a screen that does not tell.
const WIDTH: usize = 100;

/// The height of a screen that does not tell.
const HEIGHT: usize = 24;

/// Standard output and standard error, each behind a writer that knows every secret of the run; clones share them.
///
/// Text comes from everywhere: from names of files, records, services, the environment. So whatever a terminal would act
/// on is escaped here, and only the program's own colours and cursor movements get through.
///
/// A reader that has gone away, such as `head`, is no error. What else goes wrong with standard output is remembered, and
/// [`failure`](Self::failure) tells it at the end.
#[derive(Clone)]
pub struct Screen {
    out: Arc<Mutex<RedactingWriter<Box<dyn Write + Send>>>>,
    err: Arc<Mutex<RedactingWriter<Box<dyn Write + Send>>>>,
    secrets: Secrets,
    /// Whether messages are for tools.
    pub json: bool,
    /// Whether nothing is printed that is not a warning or an error.
    pub quiet: bool,
    /// Whether messages may be coloured.
    color: bool,
    /// The first failure of standard output.
    failure: Arc<OnceLock<String>>,
}

impl Screen {
    /// The screen of this process.
    pub fn new(json: bool, no_color: bool) -> Self {
        let wanted = !no_color && !json && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let secrets = Secrets::new();
        let writer = |stream: Box<dyn Write + Send>| {
            Arc::new(Mutex::new(RedactingWriter::new(stream, secrets.clone())))
        };
        Self {
            out: writer(Box::new(io::stdout())),
            err: writer(Box::new(io::stderr())),
            color: wanted && io::stderr().is_terminal(),
            secrets,
            json,
            quiet: false,
            failure: Arc::default(),
        }
    }

    /// The same screen, on which nothing is printed that is not a warning or an error, when that is asked for.
    pub fn quieted(&self, quiet: bool) -> Self {
        Self { quiet, ..self.clone() }
    }

    /// The secrets that never get out.
    pub fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Whether a person watches the output as it comes.
    pub fn is_live(&self) -> bool {
        !self.json && io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
    }

    /// Writes text to standard output.
    pub fn print(&self, text: &str) {
        self.put(&visible(text));
    }

    /// Writes text for other programs to standard output: to the letter, unless a person sees it.
    pub fn print_exactly(&self, text: &str) {
        if io::stdout().is_terminal() { self.print(text) } else { self.put(text) }
    }

    /// Writes text to standard output in place of the last `lines` lines there.
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

    /// Remembers what went wrong with standard output.
    fn watch(&self, written: io::Result<()>) {
        if let Err(error) = written
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            // Only the first counts.
            let _ = self.failure.set(error.to_string());
        }
    }

    /// What went wrong with standard output, after the last word was written.
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

    /// Writes a line to standard error over the one that was drawn before; nothing takes it away.
    pub fn draw_note(&self, line: &str) {
        // Redacted before it is cut: the beginning of a secret would not be known for one.
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

    /// Writes to standard output what the user asked for by name, secrets and all; tells whether it was taken.
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

    /// Writes JSON to standard output, on one line; every text in it is searched for secrets.
    pub fn object(&self, object: &impl serde::Serialize) {
        let Ok(object) = serde_json::to_value(object) else { return };
        self.clean_object(&redact_json(&self.secrets, object));
    }

    /// Writes typed data as JSON to standard output, on one line.
    pub fn typed<T: Redact + serde::Serialize>(&self, data: &T) {
        let Ok(object) = serde_json::to_value(&*self.secrets.redacted(data)) else { return };
        self.clean_object(&object);
    }

    /// Writes JSON that holds no secret to standard output, on one line.
    pub fn clean_object(&self, line: &serde_json::Value) {
        let line = line.to_string();
        let line = visible_json(&line);
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        self.watch(out.write_clean(format!("{line}\n").as_bytes()).and_then(|()| out.flush()));
    }

    /// Writes messages: to standard error for people, one object a line to standard output for tools.
    pub fn diagnostics(&self, diagnostics: &Diagnostics, sources: &Sources) {
        if diagnostics.is_empty() {
            return;
        }
        if self.json {
            for diagnostic in diagnostics {
                self.object(&serde_json::json!({ "diagnostic": JsonDiagnostic::new(diagnostic, sources) }));
            }
            return;
        }
        self.message(render_all(diagnostics, sources, &self.style()).trim_end_matches('\n'));
    }

    /// Writes a message to standard error, for whoever reads it: standard output takes none.
    pub fn complain_of_output(&self, diagnostic: &Diagnostic) {
        if self.json {
            let diagnostic = JsonDiagnostic::new(diagnostic, &Sources::new());
            self.note_object(&serde_json::json!({ "diagnostic": diagnostic }));
        } else {
            self.complain(&diagnostic.clone().into(), &Sources::new());
        }
    }

    /// Writes what is wrong with a line that a person typed: to standard error, and uncounted.
    pub fn complain(&self, diagnostics: &Diagnostics, sources: &Sources) {
        for diagnostic in diagnostics {
            self.message(&render(diagnostic, sources, &self.style()));
        }
    }

    /// Writes a message that was made for standard error, with the colours it may have.
    fn message(&self, text: &str) {
        self.put_note(&if self.color { visible_colored(text) } else { visible(text) });
    }

    fn style(&self) -> Style {
        Style { color: self.color, width: width() }
    }

    /// Whether messages may be coloured.
    pub fn is_colored(&self) -> bool {
        self.color
    }

    /// Writes one message that is about no file.
    pub fn diagnostic(&self, diagnostic: impl Into<Diagnostics>) {
        self.diagnostics(&diagnostic.into(), &Sources::new());
    }
}

/// The width of the terminal, in characters.
pub fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0).max(20))
}

/// The height of the terminal, in lines.
pub fn height() -> usize {
    terminal_size::terminal_size().map_or(HEIGHT, |(_, height)| usize::from(height.0).max(3))
}
