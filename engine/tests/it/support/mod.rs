//! Helpers to run runbooks: step types that arguments control, and a platform that issues tokens.

mod act;
mod actor;
mod events;
mod every;
mod log;
mod origin;
mod shelf;
mod stage;
mod tokens;
mod undo;
mod view;

pub use act::{CANARY, registry};
pub use events::Events;
pub use every::EveryType;
pub use log::Log;
pub use origin::origin;
pub use shelf::Shelves;
pub use stage::{Stage, found_in, notes, stage, stage_files, stage_with};
pub use tokens::Tokens;
pub use undo::undo;
pub use view::full;
