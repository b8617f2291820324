//! What functions may know of the world.

use std::path::Path;

use time::OffsetDateTime;

use super::files::Files;

/// What functions may know of the world.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The files that they may read.
    pub files: &'a Files,
    /// What time it is.
    pub clock: Clock,
    /// Where a relative path may lead.
    pub reach: Reach,
    /// How many bytes of text a function may make.
    pub room: usize,
}

/// More text than any runbook needs; the result of a function is never longer.
const MAX_TEXT: usize = 1 << 26;

impl<'a> Context<'a> {
    /// Relative paths stay in the folder.
    #[must_use]
    pub fn new(files: &'a Files, clock: Clock) -> Self {
        Self { files, clock, reach: Reach::Folder, room: MAX_TEXT }
    }

    /// The folder that relative paths start from.
    #[must_use]
    pub fn base_dir(&self) -> &'a Path {
        self.files.base_dir()
    }
}

/// When expressions are evaluated, which `timestamp`, `plantimestamp`, `uuid` and `bcrypt` depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// A plan is made at this time; what differs from one evaluation to the next is unknown in it.
    Plan(OffsetDateTime),
    /// A plan that was made at this time is carried out.
    Run(OffsetDateTime),
}

impl Clock {
    /// The clock of a plan that is made now.
    #[must_use]
    pub fn plan() -> Self {
        Self::Plan(OffsetDateTime::now_utc())
    }

    /// The clock of the run of a plan with this clock.
    #[must_use]
    pub fn run(self) -> Self {
        Self::Run(self.planned())
    }

    /// When the plan was made.
    #[must_use]
    pub fn planned(self) -> OffsetDateTime {
        match self {
            Self::Plan(at) | Self::Run(at) => at,
        }
    }
}

/// Where a relative path may lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The folder it starts from, and what is below it.
    Folder,
    /// Anywhere: whoever runs the runbook gave the path.
    Anywhere,
}
