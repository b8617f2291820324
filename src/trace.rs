//! A run as a file for Perfetto and Chrome.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use arcbook_engine::diagnostic::Diagnostic;
use arcbook_engine::journal::Journal;
use arcbook_engine::redact::{Secrets, redact_json};
use arcbook_engine::timeline::{Span, Timeline, chrome};
use serde_json::json;

/// The members of an event of a trace that are words of the format, in which no secret is looked for.
const WORDS: [&str; 4] = ["ph", "cat", "s", "bp"];

/// Writes the trace of the run that `journal` records to `path`.
pub fn write(journal: &Journal, path: &Path, secrets: &Secrets) -> Result<(), Box<Diagnostic>> {
    let mut timeline = Timeline::new();
    let mut spans: Vec<Span> = journal.records.iter().flat_map(|record| timeline.take(record)).collect();
    spans.extend(timeline.close());
    let written = File::create(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        lay_out(&spans, timeline.began_at(), secrets, &mut file)?;
        file.flush()
    });
    written.map_err(|error| {
        Diagnostic::error("file-not-written", format!("cannot write {}: {error}", path.display()))
            .help("`arcbook show RUN -trace FILE` writes the trace of a run later")
            .into()
    })
}

/// One event a line.
fn lay_out(spans: &[Span], began: u64, secrets: &Secrets, out: &mut impl Write) -> io::Result<()> {
    let about = redact_json(secrets, json!({ "began_unix_microseconds": began }), &[]);
    write!(out, "{{\"displayTimeUnit\":\"ms\",\"otherData\":{about},\"traceEvents\":[")?;
    for (at, event) in chrome(spans).into_iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        write!(out, "{comma}\n{}", redact_json(secrets, event, &WORDS))?;
    }
    writeln!(out, "\n]}}")
}
