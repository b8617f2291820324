//! The program as its users run it.

mod bad_input;
mod canary;
mod console;
mod faults;
mod fmt;
mod jumpstart;
mod records;
mod screens;
mod support;
