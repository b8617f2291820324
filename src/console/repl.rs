//! The console with a user at a terminal.

use std::path::Path;

use arcbook_engine::diagnostic::Diagnostic;
use rustyline::error::ReadlineError;
use rustyline::history::DefaultHistory;
use rustyline::{ColorMode, CompletionType, Config, Editor};

use super::complete::Completer;
use super::helper::Helper;
use super::talk::{Heard, hear};
use super::{Session, history};
use crate::exit::Exit;
use crate::screen::Screen;

const PROMPT: &str = "> ";

type LineEditor<'a> = Editor<Helper<'a>, DefaultHistory>;

/// Reads and evaluates lines until the user leaves; `addresses` are the known names, sorted.
pub fn converse(session: &mut Session<'_>, addresses: Vec<String>, screen: &Screen) -> Exit {
    match lines(session, addresses, screen) {
        Ok(()) => Exit::Done,
        Err(error) => {
            screen.diagnostic(
                Diagnostic::error("terminal", format!("the terminal cannot be used: {error}"))
                    .help("write the expressions into a pipe: `echo 'var.x' | arcbook console`"),
            );
            Exit::Failed
        }
    }
}

fn lines(session: &mut Session<'_>, addresses: Vec<String>, screen: &Screen) -> rustyline::Result<()> {
    let completer = Completer::new(session.scope(), addresses);
    let mut editor = editor(Helper { completer, is_colored: screen.is_colored() })?;
    let file = history::file();
    if let Some(file) = &file {
        // Without the file, only this session's history is available.
        let _ = editor.load_history(file);
    }
    loop {
        let line = match editor.readline(PROMPT) {
            Ok(line) => line,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => return Ok(()),
            Err(error) => return Err(error),
        };
        remember(&mut editor, &line, file.as_deref());
        if hear(session, screen, &line) == Heard::Exit {
            return Ok(());
        }
    }
}

fn editor(helper: Helper<'_>) -> rustyline::Result<LineEditor<'_>> {
    let config = Config::builder()
        .completion_type(CompletionType::List)
        .history_ignore_space(true)
        .history_ignore_dups(true)?
        .color_mode(if helper.is_colored { ColorMode::Enabled } else { ColorMode::Disabled })
        .build();
    let mut editor = LineEditor::with_config(config)?;
    editor.set_helper(Some(helper));
    Ok(editor)
}

/// Adds a line to the history, unless it begins with a space. Errors of the history file are ignored.
fn remember(editor: &mut LineEditor<'_>, line: &str, file: Option<&Path>) {
    if editor.add_history_entry(line).unwrap_or(false)
        && let Some(file) = file
    {
        let _ = editor.append_history(file);
    }
}
