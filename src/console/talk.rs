//! Evaluates a user's line and prints the result.

use super::Session;
use crate::screen::Screen;

const HELP: &str = "\
Enter an expression to print its value: `1 + 2`, `var.region`, `step.metadata.machine`, `type(local.tags)`.
Open brackets and here documents continue on the next line. `jmespath(value, query)` queries a value like `az --query`.
Type `exit` or press Ctrl-D to leave.";

/// The outcome of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The line was evaluated, or was empty.
    Well,
    /// The line was invalid, and the errors were printed.
    Badly,
    /// The line asks to leave.
    Exit,
}

/// Evaluates one line.
pub fn hear(session: &mut Session<'_>, screen: &Screen, text: &str) -> Heard {
    match text.trim() {
        "" => return Heard::Well,
        "exit" => return Heard::Exit,
        "help" => {
            screen.line(HELP);
            return Heard::Well;
        }
        _ => {}
    }
    match session.evaluate(text) {
        Ok(answer) => {
            screen.complain(&answer.warnings, session.sources());
            screen.line(&answer.shown());
            Heard::Well
        }
        Err(found) => {
            screen.complain(&found, session.sources());
            Heard::Badly
        }
    }
}
