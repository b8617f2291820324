//! Tests of the program through its command line.

mod against;
mod agent;
mod attributes;
mod bad_input;
mod canary;
mod chain;
mod cloud;
mod cloud_documents;
mod collector;
#[cfg(unix)]
mod completions;
mod consequences;
mod console;
#[cfg(target_os = "linux")]
mod core_dump;
#[cfg(unix)]
mod crash;
mod explain;
mod faults;
mod fmt;
mod house;
mod inherited;
#[cfg(unix)]
mod interrupt;
mod jumpstart;
mod live;
mod marks;
mod mistyped;
#[cfg(unix)]
mod nothing;
mod odd_files;
mod options;
mod plan_files;
mod progress;
mod quoted;
mod quoted_parts;
mod reasons;
mod records;
mod requests;
mod screens;
mod selection;
mod shared_records;
#[cfg(unix)]
mod signals;
mod situations;
mod sources;
mod spoofs;
mod support;
mod telemetry;
mod templates;
mod terminal;
mod undo;
#[cfg(unix)]
mod unread;
mod values;
