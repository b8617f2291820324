//! Runs the scripts of run commands in child processes.

mod process;
mod running;

pub(crate) use running::{Script, Task};
