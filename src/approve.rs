//! Asking before something is changed.

use std::io::{BufRead, IsTerminal, Write};

use arcbook_engine::diagnostic::Diagnostic;

use crate::exit::Exit;
use crate::screen::Screen;

/// Says that nobody is there to be asked, when that is so; `look` is how to see what would be done.
pub fn can_ask(screen: &Screen, look: &str) -> Result<(), Exit> {
    if !screen.json && std::io::stdin().is_terminal() {
        return Ok(());
    }
    screen.diagnostic(
        Diagnostic::error("not-approved", "this run changes something, and nobody is there to be asked")
            .help(format!("{look}, then run with `-auto-approve`")),
    );
    Err(Exit::Failed)
}

/// Shows what would be done and asks; only `yes` is yes.
pub fn ask(screen: &Screen, what: &str) -> Result<(), Exit> {
    screen.print(what);
    screen.print("\nDo this? Only `yes` goes on: ");
    let _ = std::io::stdout().flush();
    let mut answer = String::new();
    match std::io::stdin().lock().read_line(&mut answer) {
        Ok(_) if answer.trim() == "yes" => Ok(()),
        _ => {
            screen.line("Nothing was done.");
            Err(Exit::Failed)
        }
    }
}
