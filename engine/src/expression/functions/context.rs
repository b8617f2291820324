//! Defines the context of functions.

use std::path::Path;

use time::OffsetDateTime;

use super::files::Files;

/// The access of functions to the environment.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The readable files.
    pub files: &'a Files,
    /// The time.
    pub clock: Clock,
    /// The directories that relative paths may reach.
    pub reach: Reach,
    /// The number of bytes of text that a function may make.
    pub room: usize,
}

/// The size limit of a function's result: more text than any runbook needs.
const MAX_TEXT: usize = 1 << 26;

impl<'a> Context<'a> {
    /// Returns a context in which relative paths stay in the base directory.
    #[must_use]
    pub fn new(files: &'a Files, clock: Clock) -> Self {
        Self { files, clock, reach: Reach::Folder, room: MAX_TEXT }
    }

    /// Returns the base directory of relative paths.
    #[must_use]
    pub fn base_dir(&self) -> &'a Path {
        self.files.base_dir()
    }
}

/// The time of evaluation, for `timestamp`, `plantimestamp`, `uuid` and `bcrypt`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A plan made at this time, in which results that differ in every evaluation are unknown.
    Plan(OffsetDateTime),
    /// A review made at this time, away from the machine and the moment of the run: the time of the plan and files outside of
    /// the runbook's directory are unknown, and what they would leave out may run.
    Review(OffsetDateTime),
    /// A run of a plan made at this time.
    Run(OffsetDateTime),
}

impl Clock {
    /// Returns the clock of a plan made now.
    #[must_use]
    pub fn plan() -> Self {
        Self::Plan(OffsetDateTime::now_utc())
    }

    /// Returns the clock of a review made now.
    #[must_use]
    pub fn review() -> Self {
        Self::Review(OffsetDateTime::now_utc())
    }

    /// Returns true in a review.
    #[must_use]
    pub fn is_review(self) -> bool {
        matches!(self, Self::Review(_))
    }

    /// Returns the clock of a run of a plan with this clock.
    #[must_use]
    pub fn run(self) -> Self {
        Self::Run(self.planned())
    }

    /// Returns the time at which the plan was made.
    #[must_use]
    pub fn planned(self) -> OffsetDateTime {
        match self {
            Self::Plan(at) | Self::Review(at) | Self::Run(at) => at,
        }
    }
}

/// The directories that a relative path may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The base directory, and directories below it.
    Folder,
    /// Any directory: the user who runs the runbook gave the path.
    Anywhere,
}
