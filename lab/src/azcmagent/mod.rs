//! The agent's command line, `azcmagent`: the program, and the agent's part of each command.
//!
//! It does as much as Microsoft documents of `show -j`, `connect --config`, `disconnect` and `config set proxy.url`, and
//! nothing else. A program of any name can be one: it calls [`azcmagent`] with its words. Source: `azcmagent-*.md` of the
//! Azure Arc documentation.

mod commands;
mod program;
mod settings;

pub use program::{Ended, azcmagent};

/// The first segment of the agent's paths that the program uses, in place of the agent's socket.
pub(crate) const PATH: &str = "azcmagent";

/// Exit codes, which are the numbers of the documented errors.
mod code {
    pub const DONE: u8 = 0;
    pub const BAD_TOKEN: u8 = 12;
    pub const NOTHING_GIVEN: u8 = 16;
    pub const BAD_CONFIG: u8 = 19;
    pub const BAD_ARGUMENT: u8 = 23;
    pub const NO_TOKEN: u8 = 41;
    pub const NOT_CREATED: u8 = 42;
    pub const NOT_DELETED: u8 = 43;
    pub const NAME_EXISTS: u8 = 44;
    pub const NOT_DISCONNECTED: u8 = 63;
    pub const NO_AGENT: u8 = 64;
    pub const CONNECTED_ALREADY: u8 = 67;
}
