//! Tests of the step types against the lab, and of the client against faulty servers.

#![expect(clippy::unwrap_used, reason = "a test's helpers fail as the test does")]

mod actions;
mod agent;
mod arc;
#[cfg(unix)]
mod azcmagent;
mod blobs;
mod broken;
mod certificates;
#[path = "../../../tests/helpers/closed_port.rs"]
mod closed_port;
mod computing;
mod deployments;
#[cfg(unix)]
mod directory;
mod doctor;
mod early;
#[cfg(unix)]
mod exec;
#[cfg(unix)]
#[path = "../../../tests/helpers/executable.rs"]
mod executable;
mod extensions;
mod fault_table;
mod faults;
#[cfg(unix)]
mod file;
#[path = "../../../tests/helpers/free_port.rs"]
mod free_port;
mod identities;
mod identity;
mod lists;
mod named_run_commands;
mod nulls;
mod outline;
mod ownership;
mod pace;
mod permissions;
mod policies;
mod probe;
mod refusals;
mod resources;
mod rights;
#[cfg(unix)]
mod run_commands;
mod secrecy;
mod secrets;
mod server;
#[cfg(unix)]
mod template;
mod transfers;
mod types;
mod vm;
mod warm;
mod world;
