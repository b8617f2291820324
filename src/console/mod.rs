//! The console: evaluates one expression after another.
//!
//! A [`Session`] evaluates; three loops feed it: [`converse`] with a user at a terminal, [`hear_out`] with a
//! pipe, and [`serve`] with a tool.

mod complete;
mod helper;
mod history;
mod lines;
mod names;
mod pipe;
mod protocol;
mod repl;
mod scope;
mod session;
mod talk;

pub use names::{nothing, of_runbook};
pub use pipe::hear_out;
pub use protocol::serve;
pub use repl::converse;
pub use session::Session;
