//! The command line of the Azure Arc agent, `azcmagent`: its exit codes, its configuration file, and its answers.
//!
//! Sources: `azcmagent.md`, `azcmagent-connect.md`, `azcmagent-disconnect.md`, `azcmagent-show.md` and
//! `troubleshoot-agent-onboard.md` of the Azure Arc documentation.

mod code;
mod command;
mod place;
mod settings;
mod show;
mod tags;

pub(crate) use code::{CONNECTED_ALREADY, failed};
pub(crate) use command::{Agent, absent};
pub(crate) use place::{MachinePlace, Match};
pub(crate) use settings::Settings;
pub(crate) use show::Shown;
pub(crate) use tags::{Tags, machine_name};
