//! The program as its users run it.

mod bad_input;
mod canary;
mod cloud;
mod console;
#[cfg(unix)]
mod crash;
mod faults;
mod fmt;
mod jumpstart;
mod records;
mod screens;
mod support;
mod undo;
