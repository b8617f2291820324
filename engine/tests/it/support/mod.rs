//! A small world to run runbooks in: step types that do as they are told, and a platform that gives tokens.

mod act;
mod events;
mod log;
mod stage;
mod tokens;

pub use act::{CANARY, registry};
pub use events::Events;
pub use log::Log;
pub use stage::{Stage, notes, stage, stage_files, stage_with};
pub use tokens::Tokens;
