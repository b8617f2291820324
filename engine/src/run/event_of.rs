//! Makes events of the progress of steps, and names the subjects of events.

use super::{Event, clock};
use crate::graph::{Acting, token_name};
use crate::step::{Effect, Progress};

/// Returns a verb for the work of a step with that effect, such as "reading".
#[must_use]
pub const fn doing(effect: Effect) -> &'static str {
    match effect {
        Effect::Changes => "changing",
        Effect::Reads => "reading",
        Effect::Nothing => "computing",
    }
}

impl Event {
    /// Returns the name of the token that the event is about, such as `token for https://vault.azure.net`; none if it
    /// is about something else.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        match self {
            Self::TokenRequested { audience, acts_as, .. }
            | Self::TokenAcquired { audience, acts_as, .. }
            | Self::TokenFailed { audience, acts_as, .. } => {
                Some(token_name(acts_as.as_deref().unwrap_or(Acting::MACHINE), audience))
            }
            _ => None,
        }
    }

    /// Converts progress that the step at that address reported.
    pub(super) fn of_progress(step: String, progress: Progress) -> Self {
        match progress {
            Progress::Sent { method, url } => Self::RequestSent { step, method, url },
            Progress::Answered { status, request_id } => Self::RequestAnswered { step, status, request_id },
            Progress::Retrying { attempt, attempts, after, reason } => {
                let after_milliseconds = clock::milliseconds(after);
                Self::RequestRetried { step, attempt, attempts, after_milliseconds, reason }
            }
            Progress::Transferred { bytes, size } => Self::BytesTransferred { step, bytes, size },
            Progress::Polling { status, percent, after } => {
                let after_milliseconds = clock::milliseconds(after);
                Self::OperationPolled { step, state: status, percent, after_milliseconds }
            }
            Progress::Waiting { left } => {
                Self::StepWaiting { step, left_milliseconds: clock::milliseconds(left) }
            }
        }
    }
}
