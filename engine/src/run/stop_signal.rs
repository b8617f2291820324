//! The signals that ask a run to stop.

use serde::{Deserialize, Serialize};

use crate::redact::Redact;

/// A signal that asks a run to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Redact)]
#[serde(rename_all = "snake_case")]
pub enum StopSignal {
    /// The user pressed Ctrl-C (SIGINT).
    CtrlC,
    /// Another process asked arcbook to end (SIGTERM).
    Sigterm,
    /// The terminal was closed (SIGHUP).
    Sighup,
}

impl StopSignal {
    /// Describes the signal.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CtrlC => "Ctrl-C",
            Self::Sigterm => "SIGTERM",
            Self::Sighup => "the terminal was closed (SIGHUP)",
        }
    }

    /// Describes the end that the signal asked for.
    #[must_use]
    pub fn stopped(self) -> String {
        format!("stopped: {}", self.words())
    }
}
