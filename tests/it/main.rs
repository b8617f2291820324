//! Tests of the program through its command line.

mod against;
mod agent;
mod attributes;
mod bad_input;
mod canary;
mod chain;
mod circles;
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
mod examples;
mod explain;
mod faults;
mod fmt;
mod graph;
mod house;
mod inherited;
#[cfg(unix)]
mod interrupt;
mod jumpstart;
#[cfg(unix)]
mod lab_and_machine;
mod lab_anywhere;
mod live;
#[cfg(unix)]
mod local;
mod lost_records;
mod marks;
mod mistyped;
#[cfg(unix)]
mod nothing;
mod odd_files;
mod operations;
mod options;
mod output;
mod pages;
mod patterns;
mod plan_files;
#[cfg(unix)]
mod program_environment;
mod progress;
mod prune;
mod quoted;
mod quoted_parts;
mod reasons;
mod record_set;
mod records;
mod requests;
mod revision;
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
mod token_claims;
mod undo;
#[cfg(unix)]
mod unread;
mod values;
#[cfg(unix)]
mod who;
