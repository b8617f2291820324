//! Describes the existing state of the object of a step.

use std::borrow::Cow;
use std::convert::Infallible;

use super::{Difference, Mismatch, Outcome, Prior, PriorState, StepError};

/// The existing state of the object that a step would change.
#[derive(Clone, Debug)]
pub enum Existing<T = Outcome> {
    /// The state cannot be queried, for this reason: a clause such as "the service answered 403".
    Unknown(Cow<'static, str>),
    /// The object does not exist, and the step creates it; or the program of the step has yet to run.
    Absent,
    /// The object differs from the configuration; without details, the list is empty. The prior state is
    /// none if the step cannot put it back.
    Different(Vec<Difference>, Option<Prior>),
    /// The object exists, and the step removes it. The prior state is none if the step cannot put it back.
    Unwanted(Option<Prior>),
    /// The object is as configured; this is the result of the step, without any change.
    AsWanted(T),
    /// Somebody else has changed or replaced the object that an earlier run made: the mismatches between the
    /// record and the existing state. Only with [`Context::recorded`](super::Context::recorded).
    Altered(Vec<Mismatch>),
}

impl<T> Existing<T> {
    /// Returns a state that cannot be queried; `why` is a clause.
    pub fn unknown(why: impl Into<Cow<'static, str>>) -> Self {
        Self::Unknown(why.into())
    }

    /// Returns the state of an object whose type has no query.
    #[must_use]
    pub fn unasked() -> Self {
        Self::unknown("steps of this type cannot ask for the existing state")
    }

    /// Converts the result of a step.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Existing<U> {
        let Ok(mapped) = self.try_map(|result| Ok::<_, Infallible>(make(result)));
        mapped
    }

    /// Converts the result of a step, which may fail.
    pub fn try_map<U, E>(self, make: impl FnOnce(T) -> Result<U, E>) -> Result<Existing<U>, E> {
        Ok(match self {
            Self::Unknown(why) => Existing::Unknown(why),
            Self::Absent => Existing::Absent,
            Self::Different(differences, prior) => Existing::Different(differences, prior),
            Self::Unwanted(prior) => Existing::Unwanted(prior),
            Self::AsWanted(result) => Existing::AsWanted(make(result)?),
            Self::Altered(mismatches) => Existing::Altered(mismatches),
        })
    }

    /// Hides the values of the differences.
    #[must_use]
    pub fn hidden(self) -> Self {
        match self {
            Self::Different(differences, prior) => {
                let hidden = differences.into_iter().map(|difference| difference.hidden(true));
                Self::Different(hidden.collect(), prior)
            }
            Self::Altered(mismatches) => {
                Self::Altered(mismatches.into_iter().map(Mismatch::hidden).collect())
            }
            found => found,
        }
    }

    /// Returns a state that the service does not tell, with its answer as the reason.
    #[must_use]
    pub fn unanswered(error: &StepError) -> Self {
        Self::unknown(error.answered().unwrap_or_else(|| error.summary().to_owned()))
    }

    /// Returns whether the object exists, as a [`PriorState`].
    #[must_use]
    pub fn before(&self) -> PriorState {
        match self {
            Self::Unknown(_) => PriorState::Unknown,
            Self::Absent => PriorState::Absent,
            Self::Different(..) | Self::Unwanted(_) | Self::AsWanted(_) | Self::Altered(_) => {
                PriorState::Present
            }
        }
    }

    /// Returns the content of the object, from which an undo can put it back.
    #[must_use]
    pub fn prior(&self) -> Option<&Prior> {
        match self {
            Self::Different(_, prior) | Self::Unwanted(prior) => prior.as_ref(),
            _ => None,
        }
    }
}
