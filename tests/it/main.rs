//! The program as its users run it.

mod against;
mod bad_input;
mod canary;
mod cloud;
mod cloud_documents;
mod collector;
mod console;
#[cfg(target_os = "linux")]
mod core_dump;
#[cfg(unix)]
mod crash;
mod faults;
mod fmt;
mod jumpstart;
mod live;
mod plan_files;
mod progress;
mod records;
mod screens;
mod selection;
mod support;
mod telemetry;
mod terminal;
mod undo;
#[cfg(unix)]
mod unread;
