//! Runs the scripts of run commands in child processes.

mod process;
mod script;

pub(crate) use script::{Script, Task};
