//! Relates the intended change of a step to that of an earlier run.

use super::{Intent, RecordedChange};

/// The relation of a step to the change that an earlier run made or intended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Prior {
    /// No earlier run intended the change.
    #[default]
    None,
    /// An earlier run may have made it.
    Unconfirmed,
    /// An earlier run made it with the same arguments, as far as the record shows.
    Same,
    /// An earlier run made it with other arguments.
    Other,
}

impl Prior {
    /// Returns true if an earlier run made the change.
    pub fn was_made(self) -> bool {
        matches!(self, Self::Same | Self::Other)
    }
}

/// The intended change of a step, compared with that of an earlier run.
pub(super) struct Aim<'a> {
    pub intent: Intent,
    pub prior: Prior,
    /// The change that the earlier run made or intended.
    pub recorded: Option<&'a RecordedChange>,
}
