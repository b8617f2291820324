//! Tests of the program through its command line.

mod against;
mod agent;
#[cfg(unix)]
mod ansible;
mod attributes;
mod audit_pages;
mod audit_rules;
mod auditors;
#[cfg(unix)]
mod az;
#[cfg(unix)]
mod azure_identity;
mod azurite;
mod bad_input;
mod canary;
mod chain;
mod circles;
#[cfg(unix)]
mod clients;
#[path = "../helpers/closed_port.rs"]
mod closed_port;
mod cloud;
mod cloud_documents;
mod collector;
#[cfg(unix)]
mod completions;
mod consequences;
mod console;
#[cfg(target_os = "linux")]
mod core_dump;
mod crash;
mod declared;
mod diff;
#[cfg(unix)]
mod differences;
mod doctor;
mod doctor_cloud;
mod doctor_labs;
#[cfg(unix)]
#[path = "../sdk/environment.rs"]
mod environment;
mod examples;
#[cfg(unix)]
#[path = "../helpers/executable.rs"]
mod executable;
mod explain;
#[cfg(unix)]
mod export;
mod faults;
mod file_undo;
mod first_page;
mod fmt;
mod folds;
#[cfg(unix)]
#[path = "../helpers/free_port.rs"]
mod free_port;
#[cfg(unix)]
mod full_disk;
mod go_on;
mod grants;
mod graph;
mod house;
mod http;
#[cfg(unix)]
mod identities;
mod inherited;
mod init;
#[cfg(unix)]
mod interrupt;
mod jumpstart;
#[cfg(unix)]
mod lab_and_machine;
mod lab_anywhere;
mod lab_command;
#[cfg(unix)]
mod lab_programs;
mod lab_values;
mod latest;
mod leaves;
mod live;
#[cfg(unix)]
mod local;
#[cfg(unix)]
mod login;
mod lost_records;
mod made_files;
mod many;
mod marks;
#[cfg(unix)]
mod missing_here;
mod mistyped;
mod nothing;
#[cfg(unix)]
mod odd_files;
mod open_needs;
mod operations;
mod options;
mod output;
#[cfg(unix)]
mod package;
mod pages;
mod patterns;
mod permissions;
mod plan_files;
#[cfg(unix)]
mod postgres;
#[cfg(unix)]
mod powershell;
#[cfg(unix)]
mod program_environment;
#[cfg(unix)]
mod programs;
mod progress;
mod prune;
mod quoted;
mod quoted_parts;
#[cfg(unix)]
mod random;
mod reasons;
mod record_set;
mod records;
mod repeated_change;
#[cfg(unix)]
mod report;
mod requests;
#[cfg(unix)]
mod review;
#[cfg(unix)]
mod revision;
#[cfg(unix)]
mod runbooks;
mod screens;
#[cfg(unix)]
mod scripts;
mod second_run;
mod secret_paths;
mod selection;
mod shared_records;
mod ship;
#[cfg(unix)]
mod signals;
mod signatures;
mod situations;
mod sources;
mod spoofs;
mod summary;
mod support;
#[cfg(target_os = "linux")]
mod systemd;
mod telemetry;
mod templates;
mod terminal;
#[cfg(unix)]
mod text_changes;
mod token_claims;
#[cfg(unix)]
mod transfers;
#[cfg(unix)]
mod tutorial;
mod undo;
mod undo_list;
#[cfg(unix)]
mod unread;
mod values;
mod victim;
#[cfg(unix)]
mod waiting;
#[cfg(unix)]
mod who;
#[cfg(windows)]
mod windows;
mod windows_task;
mod words;
