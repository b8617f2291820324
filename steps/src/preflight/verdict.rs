//! Says whether an identity holds a permission.

use serde::Serialize;

/// The answer to the question whether an identity holds a permission.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "verdict", rename_all = "snake_case")]
pub enum Verdict {
    /// It does.
    Yes,
    /// It does if `*` in a pattern may stand for nothing, as Azure probably reads it.
    Wildcard {
        /// The pattern.
        pattern: String,
    },
    /// It does under a condition, which arcbook does not evaluate.
    Conditional {
        /// The condition.
        condition: String,
    },
    /// It does not.
    No {
        /// The reason.
        reason: String,
    },
    /// Azure does not say.
    CannotTell {
        /// The reason.
        reason: String,
    },
    /// Roles of Azure do not decide it.
    NotRbac {
        /// The reason: the service that decides.
        reason: String,
    },
}

/// The reason for a scope that only the run knows.
pub(super) const LATER: &str = "the scope is known only during the run";

impl Verdict {
    pub(super) fn no(reason: impl Into<String>) -> Self {
        Self::No { reason: reason.into() }
    }

    pub(super) fn cannot_tell(reason: impl Into<String>) -> Self {
        Self::CannotTell { reason: reason.into() }
    }

    /// Returns the verdict in words.
    #[must_use]
    pub fn words(&self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Wildcard { .. } => "yes, by a wildcard",
            Self::Conditional { .. } => "under a condition",
            Self::No { .. } => "no",
            Self::CannotTell { .. } => "cannot tell",
            Self::NotRbac { .. } => "not RBAC",
        }
    }

    /// Returns the reason or the condition; none for a plain yes.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        match self {
            Self::Yes => None,
            Self::Wildcard { pattern } => Some(format!("through the pattern {pattern}")),
            Self::Conditional { condition } => Some(format!("only if {condition}")),
            Self::No { reason } | Self::CannotTell { reason } | Self::NotRbac { reason } => {
                Some(reason.clone())
            }
        }
    }

    /// Returns true if nobody can tell.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self, Self::CannotTell { .. })
    }

    /// Returns true if nobody can tell because only the run knows the scope.
    #[must_use]
    pub fn is_later(&self) -> bool {
        matches!(self, Self::CannotTell { reason } if reason == LATER)
    }

    /// Returns true if a run would certainly be refused.
    #[must_use]
    pub fn is_no(&self) -> bool {
        matches!(self, Self::No { .. })
    }

    /// Returns true if the identity holds the permission, at least in some cases.
    pub(super) fn is_yes(&self) -> bool {
        matches!(self, Self::Yes | Self::Wildcard { .. })
    }
}
