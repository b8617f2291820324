//! The program as its users run it.

mod against;
mod agent;
mod bad_input;
mod canary;
mod cloud;
mod collector;
mod console;
#[cfg(unix)]
mod crash;
mod faults;
mod fmt;
mod inherited;
mod jumpstart;
mod live;
mod marks;
mod plan_files;
mod progress;
mod quoted;
mod records;
mod screens;
mod selection;
mod sources;
mod support;
mod telemetry;
mod undo;
#[cfg(unix)]
mod unread;
