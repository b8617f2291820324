//! The outcomes of a step, as pictures and reports show them.

/// The outcome of a step in a run, from the least to the most important.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The step succeeded and changed nothing.
    Done,
    /// The result is that of a resumed run.
    Recalled,
    /// The step succeeded and changed something.
    Changed,
    /// The step did not run.
    Skipped,
    /// The record has no end of the step.
    Unfinished,
    /// The step failed, and the run went on as if it had succeeded.
    Tolerated,
    /// The step failed.
    Failed,
    /// The step failed, and the outcome of its change is unknown.
    Unconfirmed,
}

impl Outcome {
    /// Returns the outcome in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Recalled => "done by the resumed run",
            Self::Changed => "changed",
            Self::Skipped => "not run",
            Self::Unfinished => "not ended",
            Self::Tolerated => "failed, tolerated",
            Self::Failed => "failed",
            Self::Unconfirmed => "failed, change unconfirmed",
        }
    }

    /// Returns the class of the outcome in style sheets.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Done | Self::Recalled => "done",
            Self::Changed => "changed",
            Self::Skipped => "skipped",
            Self::Unfinished => "unfinished",
            Self::Tolerated => "tolerated",
            Self::Failed | Self::Unconfirmed => "failed",
        }
    }
}
