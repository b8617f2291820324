//! Programs, as their arguments tell: what they start, and which scripts and files they run.
//!
//! One description serves the plan, which pins the files that a step runs, `diff`, which counts another script as more
//! power, and the rules of `audit` about scripts. It errs towards more: a word that may be a script is one.

mod commands;
mod files;
mod interpreter;
mod language;
mod name;
mod options;
mod others;
mod place;
mod wrapper;

pub use commands::{commands, makes_commands};
pub use files::files;
pub use interpreter::{Script, is_shell, script};
pub use name::name;
pub use place::Place;
pub use wrapper::Started;
