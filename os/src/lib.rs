//! Gives the other crates one interface to the parts of operating systems that differ.
//!
//! A module has the same functions on Unix and on Windows, so that no caller asks which one it runs on. Only the
//! modules below `windows` contain `unsafe` code: each wraps calls of the system in a safe function.

pub mod access;
pub mod account;
pub mod certificates;
pub mod clock;
pub mod console;
pub mod disk;
pub mod durable;
pub mod file;
pub mod groups;
pub mod lock;
pub mod lock_holder;
pub mod path;
pub mod position;
pub mod private;
pub mod process_group;
mod sddl;
pub mod session;
pub mod system;
#[cfg(windows)]
mod windows;
