//! Expressions from a pipe: no prompt, one result after the other.

use std::io::Read;

use arcbook_engine::diagnostic::Diagnostic;

use super::Session;
use super::lines::{Line, Lines};
use super::session::is_unfinished;
use super::talk::{Heard, hear};
use crate::exit::Exit;
use crate::screen::Screen;

/// How much text an expression may have that goes on on the next line: it is read again with every line.
const MAX_SPREAD: usize = 64 << 10;

/// Answers each expression of `input`; fails at the end when one of them was wrong.
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
    // What is still open here is never closed.
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

/// What is said of a line that is longer than any expression.
pub fn too_long() -> Diagnostic {
    Diagnostic::error("line-too-long", "a line is longer than 8 MiB")
        .help("keep large data in a file and read it with `file(\"data.txt\")` or `jsondecode(file(\"data.json\"))`")
}

/// Says that standard input cannot be read, and ends.
pub fn stopped(screen: &Screen, error: &std::io::Error) -> Exit {
    screen.diagnostic(
        Diagnostic::error("input-not-readable", "standard input cannot be read").detail(format!("{error}.")),
    );
    Exit::Failed
}
