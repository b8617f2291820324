//! Asks for approval before a run makes changes.

use std::io::{BufRead, IsTerminal, Write};

use arcbook_engine::diagnostic::Diagnostic;

use crate::exit::Exit;
use crate::screen::Screen;

/// Fails if approval of `what` cannot be asked for; `look` says how to preview the changes instead.
pub fn can_ask(screen: &Screen, what: &str, look: &str) -> Result<(), Exit> {
    if !screen.json && std::io::stdin().is_terminal() {
        return Ok(());
    }
    screen.diagnostic(
        Diagnostic::error("not-approved", format!("{what}, and approval cannot be asked for"))
            .help(format!("{look}, then run with `-auto-approve`")),
    );
    Err(Exit::Failed)
}

/// Prints the planned changes and asks for approval; only `yes` approves.
pub fn ask(screen: &Screen, what: &str) -> Result<(), Exit> {
    screen.page(what);
    screen.print("\nPerform these actions? Only `yes` is accepted: ");
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
