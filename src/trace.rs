//! Writes a run as a trace file for Perfetto and Chrome.

use std::io::{self, Write};
use std::path::Path;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::Journal;
use arcbook_engine::redact::{Redact as _, Secrets};
use arcbook_engine::timeline::{Span, Timeline, chrome};
use serde_json::json;

use crate::replace::{may_be_written, write_private};

/// The beginning of a trace file.
const BEGINNING: &str = "{\"displayTimeUnit\":\"ms\",";

/// Fails if a trace cannot be written to `path`, or if another kind of file exists there.
pub fn check(path: &Path) -> Result<(), Box<Diagnostic>> {
    let help = "name a file in a writable directory";
    if may_be_written(path, BEGINNING).map_err(|error| not_written(path, &error).help(help))? {
        return Ok(());
    }
    let summary = format!("{} already exists and is not a trace", path.display());
    Err(Diagnostic::error("not-a-trace", summary).help("name another file, or remove that one first").into())
}

/// Writes the trace of the run that `journal` records to `path`; only an existing trace is overwritten.
pub fn write(journal: &Journal, path: &Path, secrets: &Secrets) -> Result<(), Box<Diagnostic>> {
    check(path)?;
    let mut timeline = Timeline::new();
    let mut spans: Vec<Span> = journal.records().flat_map(|record| timeline.take(record)).collect();
    spans.extend(timeline.close());
    spans.redact(secrets);
    let written = write_private(path, |out| lay_out(&spans, timeline.began_at(), out));
    let help = "`arcbook show RUN -trace FILE` writes the trace of a run later";
    Ok(written.map_err(|error| not_written(path, &error).help(help))?)
}

fn not_written(path: &Path, error: &io::Error) -> Diagnostic {
    Diagnostic::error("file-not-written", format!("cannot write {}: {error}", path.display()))
}

/// Writes one event per line.
fn lay_out(spans: &[Span], began: u64, out: &mut impl Write) -> io::Result<()> {
    let about = json!({ "began_unix_microseconds": began });
    write!(out, "{BEGINNING}\"otherData\":{about},\"traceEvents\":[")?;
    for (at, event) in chrome(spans).into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(out, "{comma}\n{event}")?;
    }
    writeln!(out, "\n]}}")
}
