//! Evaluates expressions from a pipe, without a prompt.

use std::io::Read;

use arcbook_engine::diagnostic::Diagnostic;

use super::Session;
use super::lines::{Line, Lines};
use super::session::is_unfinished;
use super::talk::{Heard, hear};
use crate::exit::Exit;
use crate::screen::Screen;

/// The maximum length of an expression that continues on the next line, in bytes: it is parsed again with
/// every line.
const MAX_SPREAD: usize = 64 << 10;

/// Evaluates each expression of `input` and prints its value; fails at the end if one of them was invalid.
pub fn hear_out(session: &mut Session<'_>, screen: &Screen, input: impl Read) -> Exit {
    let mut lines = Lines::new(input);
    let mut text = String::new();
    let mut all_well = true;
    loop {
        let line = match lines.next() {
            Ok(Some(line)) => line,
            Ok(None) => break,
            Err(error) => return stopped(screen, &error),
        };
        if let Err(wrong) = append(&mut text, &line) {
            screen.diagnostic(wrong);
            all_well = false;
            text.clear();
            continue;
        }
        if text.len() <= MAX_SPREAD && is_unfinished(&text) {
            text.push('\n');
            continue;
        }
        match hear(session, screen, &std::mem::take(&mut text)) {
            Heard::Well => {}
            Heard::Badly => all_well = false,
            Heard::Exit => return ended(all_well),
        }
    }
    // An expression still open at the end is reported as an error.
    ended(hear(session, screen, &text) != Heard::Badly && all_well)
}

fn ended(all_well: bool) -> Exit {
    if all_well { Exit::Done } else { Exit::Failed }
}

fn append(text: &mut String, line: &Line<'_>) -> Result<(), Box<Diagnostic>> {
    let Line::Bytes(bytes) = line else { return Err(too_long().into()) };
    text.push_str(std::str::from_utf8(bytes).map_err(|error| Box::new(not_text(error.valid_up_to())))?);
    Ok(())
}

fn not_text(offset: usize) -> Diagnostic {
    Diagnostic::error("not-utf-8", "a line is not UTF-8 text")
        .detail(format!("The byte at offset {offset} of the line is not UTF-8."))
        .help("write the input as UTF-8")
}

/// Returns the error for a line that is longer than any expression.
pub fn too_long() -> Diagnostic {
    Diagnostic::error("line-too-long", "a line is longer than 8 MiB")
        .help("keep large data in a file and read it with `file(\"data.txt\")` or `jsondecode(file(\"data.json\"))`")
}

/// Reports that standard input cannot be read.
pub fn stopped(screen: &Screen, error: &std::io::Error) -> Exit {
    screen.diagnostic(
        Diagnostic::error("input-not-readable", "standard input cannot be read").detail(format!("{error}.")),
    );
    Exit::Failed
}
