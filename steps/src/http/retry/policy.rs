//! The retry policy of requests.

use std::time::Duration;

use arcbook_engine::step::Backoff;

use crate::entra;

use super::super::envelope::Envelope;
use super::super::{Failure, HttpResponse};

/// The error codes that report another operation in progress; it blocks the request until it ends.
///
/// Storage releases the name of a deleted container after half a minute or more; the others take as long.
const SETTLING: [&str; 10] = [
    "ContainerBeingDeleted",
    "AccountBeingCreated",
    "StorageAccountIsNotProvisioned",
    "ConflictError",
    "ObjectIsBeingDeleted",
    "ObjectIsBeingRecovered",
    "AnotherOperationInProgress",
    "RetryableErrorDueToAnotherOperation",
    "HCRP409",
    // A new identity reaches every replica of the directory after a while.
    "PrincipalNotFound",
];

/// The retry policy of requests.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// The maximum number of attempts.
    pub attempts: u32,
    /// The delays between the attempts.
    pub backoff: Backoff,
    /// The delays between the polls of an operation for which the service asks for none.
    pub polling: Backoff,
    /// The maximum delay that a service's `Retry-After` can impose.
    pub longest_asked: Duration,
    /// The maximum time for all attempts and delays, checked when a delay begins.
    pub budget: Duration,
    /// The maximum time to wait for an operation that blocks the request, such as the deletion of a container
    /// of the same name; zero disables the wait.
    pub settling: Duration,
    /// The maximum time to wait until a service shows a change that this run made, such as a role assignment; zero
    /// disables the wait.
    pub lag: Duration,
    /// The maximum time to wait for a port on which nothing listens. None treats it like any other connection
    /// failure.
    pub absent: Option<Duration>,
    /// True if every 5xx is retried, and 404 and 410 too, which the agent returns while it starts or is
    /// updated.
    pub starts: bool,
}

impl Policy {
    /// The policy for Azure: 5 attempts, 0.5 s doubling to 30 s, `Retry-After` up to 120 s, 300 s in all; 180
    /// s for another operation in progress, ten minutes for a change of this run that is not effective yet.
    pub const AZURE: Self = Self {
        attempts: 5,
        backoff: doubling(Duration::from_millis(500), Duration::from_secs(30)),
        polling: POLLING,
        longest_asked: Duration::from_mins(2),
        budget: Duration::from_mins(5),
        settling: Duration::from_mins(3),
        lag: Duration::from_mins(10),
        absent: None,
        starts: false,
    };

    /// The policy for the Arc agent: 1 s doubling to 10 s for 70 s, which covers an update of the agent; an
    /// agent that does not listen is not retried.
    ///
    /// Source of the 70 s: "How to use managed identities to acquire an access token", section "Retry
    /// guidance".
    pub const AGENT: Self = Self {
        attempts: 18,
        backoff: doubling(Duration::from_secs(1), Duration::from_secs(10)),
        polling: POLLING,
        longest_asked: Duration::from_secs(30),
        budget: Duration::from_secs(70),
        settling: Duration::ZERO,
        lag: Duration::ZERO,
        absent: Some(Duration::ZERO),
        starts: true,
    };

    /// Returns the same policy with a single attempt; only an agent that does not listen yet is still waited
    /// for.
    #[must_use]
    pub fn once(self) -> Self {
        Self { attempts: 1, settling: Duration::ZERO, lag: Duration::ZERO, ..self }
    }

    /// Returns the maximum number of attempts, and their time budget, for this kind of failure.
    pub(super) fn bounds(&self, passing: Passing) -> Bounds {
        match passing {
            Passing::Soon => Bounds { attempts: self.attempts, budget: self.budget },
            Passing::Settling => self.bounds_of(self.settling),
            Passing::Late => self.bounds_of(self.lag),
            Passing::Absent => self.bounds_of(self.absent.unwrap_or_default()),
        }
    }

    fn bounds_of(&self, budget: Duration) -> Bounds {
        Bounds { attempts: self.backoff.attempts_within(budget), budget }
    }

    /// Returns the delay after failed attempt `number`, counted from 1; `asked` is the service's
    /// `Retry-After`, if any.
    ///
    /// `chance` is from 0 to 1. Returns none after the last attempt. A backoff delay is cut short at the end
    /// of the budget; a requested delay that ends later leaves no further attempt.
    pub(super) fn wait(
        &self,
        bounds: Bounds,
        number: u32,
        elapsed: Duration,
        asked: Option<Duration>,
        chance: f64,
    ) -> Option<Duration> {
        let left = bounds.budget.checked_sub(elapsed).filter(|left| !left.is_zero())?;
        if number >= bounds.attempts {
            return None;
        }
        // A service that asks for no delay gives no hint.
        let asked = asked.filter(|asked| !asked.is_zero());
        if let Some(asked) = asked.map(|asked| asked.min(self.longest_asked)) {
            return (asked <= left).then_some(asked);
        }
        Some(self.backoff.wait(number, chance).min(left))
    }

    /// Returns the kind of a transient failure; none if the failure is permanent.
    pub(super) fn passing(&self, failure: &Failure) -> Option<Passing> {
        let soon = match failure {
            Failure::UnknownHost { temporary, .. } => *temporary,
            Failure::Unreachable { refused: true, .. } if self.absent.is_some() => {
                return Some(Passing::Absent);
            }
            Failure::Unreachable { .. } | Failure::Broken { .. } | Failure::Slow { .. } => true,
            Failure::Certificate { .. } | Failure::TooLong { .. } | Failure::Foreign { .. } => false,
            Failure::Status(response) if is_settling(response) => return Some(Passing::Settling),
            Failure::Status(response) if is_unknown_identity(response) => false,
            Failure::Status(response) if is_entra_busy(response) => true,
            Failure::Status(response) => self.is_busy(response.status),
        };
        soon.then_some(Passing::Soon)
    }

    /// Returns whether a status means that the service is temporarily unavailable, whatever the request.
    pub(super) fn is_busy(&self, status: u16) -> bool {
        match status {
            408 | 429 | 500 | 502 | 503 | 504 => true,
            404 | 410 | 501 | 505..=599 => self.starts,
            _ => false,
        }
    }
}

/// The delays between polls: 1 s, growing to the 10 s that Microsoft's SDK for Go waits.
const POLLING: Backoff =
    Backoff { delay: Duration::from_secs(1), factor: 1.5, longest: Duration::from_secs(10), jitter: 0.2 };

/// Returns delays that double from `delay` to `longest`, half of each random.
const fn doubling(delay: Duration, longest: Duration) -> Backoff {
    Backoff { delay, factor: 2.0, longest, jitter: 0.5 }
}

/// The maximum number of attempts, and their time budget.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub attempts: u32,
    budget: Duration,
}

/// The kind of a transient failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Passing {
    /// The service or the network is busy or broken.
    Soon,
    /// Another operation is in progress.
    Settling,
    /// The service does not show a change of this run yet.
    Late,
    /// Nothing listens at the port yet.
    Absent,
}

/// Returns whether the service refused the request because another operation is in progress.
pub(super) fn is_settling(response: &HttpResponse) -> bool {
    let named = |code: &String| SETTLING.iter().any(|settling| settling.eq_ignore_ascii_case(code));
    matches!(response.status, 400..=499) && Envelope::read(response).codes.iter().any(named)
}

/// Returns whether Entra is busy, which it says with the status of a refusal.
pub(super) fn is_entra_busy(response: &HttpResponse) -> bool {
    let is_passing = |number| entra::code(number).is_some_and(|code| code.again == entra::Again::Later);
    matches!(response.status, 400 | 401 | 403) && {
        let envelope = Envelope::read(response);
        let coded = envelope.codes.iter().flat_map(|code| entra::numbers(code));
        coded.chain(entra::numbers(&envelope.own)).any(is_passing)
    }
}

/// Returns whether a machine has no identity of that id, which its service says with the status of one that starts.
fn is_unknown_identity(response: &HttpResponse) -> bool {
    response.status == 404 && Envelope::read(response).exact() == Some("identity_not_found")
}

#[cfg(test)]
pub(super) mod tests {
    use bytes::Bytes;
    use http::header::HeaderMap;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    pub fn status(status: u16) -> Failure {
        Failure::Status(HttpResponse { status, headers: HeaderMap::new(), body: Bytes::new() })
    }

    #[test]
    fn waits_double_to_a_limit_and_what_is_asked_wins_up_to_another() {
        let policy = Policy {
            attempts: 9,
            backoff: doubling(SECOND / 2, 4 * SECOND),
            longest_asked: 60 * SECOND,
            ..Policy::AZURE
        };
        let bounds = policy.bounds(Passing::Soon);
        for (number, asked, chance, expected) in [
            (1, None, 0.0, Some(SECOND / 4)),
            (1, None, 1.0, Some(SECOND / 2)),
            (3, None, 1.0, Some(2 * SECOND)),
            (8, None, 1.0, Some(4 * SECOND)),
            (1, Some(SECOND * 7), 0.5, Some(SECOND * 7)),
            (1, Some(Duration::MAX), 0.5, Some(60 * SECOND)),
            (3, Some(Duration::ZERO), 1.0, Some(2 * SECOND)),
            (9, Some(SECOND), 0.5, None),
        ] {
            let wait = policy.wait(bounds, number, Duration::ZERO, asked, chance);
            assert_eq!(wait, expected, "{number} {asked:?}");
        }
        assert_eq!(policy.wait(bounds, 1, policy.budget, None, 0.5), None, "the budget is used up");
        let almost = policy.budget.saturating_sub(SECOND / 8);
        assert_eq!(
            policy.wait(bounds, 1, almost, None, 0.5),
            Some(SECOND / 8),
            "the last attempt is at its end"
        );
        assert_eq!(
            policy.wait(bounds, 1, almost, Some(SECOND), 0.5),
            None,
            "a service is not asked too early"
        );
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let reason = String::new;
        for (failure, again) in [
            (status(408), true),
            (status(429), true),
            (status(500), true),
            (status(502), true),
            (status(503), true),
            (status(504), true),
            (status(501), false),
            (status(301), false),
            (status(401), false),
            (status(403), false),
            (status(404), false),
            (status(409), false),
            (Failure::Broken { reason: reason() }, true),
            (Failure::Unreachable { reason: reason(), refused: false }, true),
            (Failure::Unreachable { reason: reason(), refused: true }, true),
            (Failure::Slow { limit: SECOND }, true),
            (Failure::TooLong { limit: 1 }, false),
            (Failure::Foreign { status: 200, is_page: true }, false),
            (Failure::Certificate { reason: reason() }, false),
            (Failure::UnknownHost { host: reason(), temporary: false }, false),
            (Failure::UnknownHost { host: reason(), temporary: true }, true),
        ] {
            assert_eq!(Policy::AZURE.passing(&failure).is_some(), again, "{failure}");
        }
    }
}
