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
    /// The user pressed Ctrl-Break on Windows, or another process sent it.
    CtrlBreak,
    /// The window of the console was closed on Windows.
    ConsoleClosed,
    /// The user logged off from Windows.
    LoggedOff,
    /// Windows shuts down.
    Shutdown,
}

impl StopSignal {
    /// Describes the signal.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::CtrlC => "Ctrl-C",
            Self::Sigterm => "SIGTERM",
            Self::Sighup => "the terminal was closed (SIGHUP)",
            Self::CtrlBreak => "Ctrl-Break",
            Self::ConsoleClosed => "the console window was closed",
            Self::LoggedOff => "the user logged off",
            Self::Shutdown => "the system shuts down",
        }
    }

    /// Returns true if the system ends the process a few seconds after the signal, whatever the process does.
    #[must_use]
    pub const fn is_followed_by_end(self) -> bool {
        matches!(self, Self::ConsoleClosed | Self::LoggedOff | Self::Shutdown)
    }

    /// Describes the end that the signal asked for.
    #[must_use]
    pub fn stopped(self) -> String {
        format!("stopped: {}", self.words())
    }
}
