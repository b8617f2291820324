//! The attempts of one request.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::super::{Failure, HttpResponse};
use super::policy::{Passing, Policy, is_settling};
use super::retry_after::asked;

/// The attempts of one request.
pub(crate) struct RequestRetries {
    policy: Policy,
    /// The kind of the last failure, the start of the consecutive attempts that failed with it, and their
    /// number.
    spell: Option<(Passing, Instant, u32)>,
    /// The start of the current or next attempt.
    began: Instant,
    number: u32,
    most: u32,
    change_unknown: bool,
}

impl RequestRetries {
    pub fn new(policy: Policy) -> Self {
        let most = policy.attempts;
        Self { policy, spell: None, began: Instant::now(), number: 1, most, change_unknown: false }
    }

    /// Returns the delay before the next attempt after this failure; none if no further attempt is allowed.
    pub fn after(&mut self, failure: &Failure) -> Option<Duration> {
        self.change_unknown |= failure.leaves_change_unknown();
        let passing = self.policy.passing(failure)?;
        let asked = match failure {
            Failure::Status(response) => asked(&response.headers, SystemTime::now()),
            _ => None,
        };
        let (since, failures) = match self.spell {
            Some((same, since, failures)) if same == passing => (since, failures + 1),
            _ => (self.began, 1),
        };
        self.spell = Some((passing, since, failures));
        let bounds = self.policy.bounds(passing);
        let wait = self.policy.wait(bounds, failures, since.elapsed(), asked, fastrand::f64())?;
        self.most = self.number - failures + bounds.attempts;
        self.number += 1;
        self.began = Instant::now() + wait;
        Some(wait)
    }

    /// Returns whether the same request may succeed later.
    pub fn may_pass(&self, response: &HttpResponse) -> bool {
        self.policy.is_busy(response.status) || matches!(response.status, 500..=599) || is_settling(response)
    }

    /// Returns a note if the service asked for a longer delay than the policy allows.
    pub fn unwaited(&self, asked: Duration) -> Option<String> {
        let longest = self.policy.longest_asked;
        (self.policy.attempts > 1 && asked > longest)
            .then(|| format!("the service asked for a wait of {asked:?}, and the maximum is {longest:?}"))
    }

    /// Returns the number of the current or next attempt, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the maximum number of attempts.
    pub fn most(&self) -> u32 {
        self.most
    }

    /// Returns whether any attempt so far may have made a change that no response confirms.
    pub fn leave_change_unknown(&self) -> bool {
        self.change_unknown
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::header::HeaderMap;

    use super::super::policy::tests::status;
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[tokio::test(start_paused = true)]
    async fn attempts_end_and_remember_a_lost_answer() {
        let mut attempts = RequestRetries::new(Policy { attempts: 3, ..Policy::AZURE });
        assert!(attempts.after(&status(503)).is_some());
        assert!(!attempts.leave_change_unknown(), "a 503 is an answer");
        assert!(attempts.after(&Failure::Slow { limit: SECOND }).is_some());
        assert_eq!(attempts.after(&status(403)), None);
        assert_eq!((attempts.number(), attempts.leave_change_unknown()), (3, true));
    }

    fn refused(status: u16, body: &str) -> Failure {
        Failure::Status(HttpResponse {
            status,
            headers: HeaderMap::new(),
            body: Bytes::from(body.to_owned()),
        })
    }

    #[tokio::test(start_paused = true)]
    async fn another_operation_is_waited_for_within_bounds() {
        let deleted = "<Error><Code>ContainerBeingDeleted</Code></Error>";
        let busy = r#"{"error":{"code":"Conflict","details":[{"code":"HCRP409","message":"m"}]}}"#;
        let exists = "<Error><Code>ContainerAlreadyExists</Code></Error>";
        for (failure, policy, seconds) in [
            (refused(409, deleted), Policy::AZURE, 180),
            (refused(409, busy), Policy::AZURE, 180),
            (refused(409, exists), Policy::AZURE, 0),
            (refused(409, deleted), Policy::AZURE.once(), 0),
            (refused(409, deleted), Policy { settling: 7 * SECOND, ..Policy::AZURE }, 7),
        ] {
            let (began, mut attempts) = (Instant::now(), RequestRetries::new(policy));
            while let Some(wait) = attempts.after(&failure) {
                assert!(attempts.number() <= attempts.most());
                tokio::time::sleep(wait).await;
            }
            assert_eq!(began.elapsed().as_secs(), seconds, "{failure} {policy:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_agent_that_is_not_ready_is_waited_for() {
        let absent = || Failure::Unreachable { reason: String::new(), refused: true };
        let waiting = Policy { absent: Some(120 * SECOND), ..Policy::AGENT };
        for (failure, policy, seconds) in [
            (status(404), Policy::AGENT, 70),
            (status(410), Policy::AGENT, 70),
            (status(429), Policy::AGENT, 70),
            (status(500), Policy::AGENT, 70),
            (status(501), Policy::AGENT, 70),
            (status(503), Policy::AGENT, 70),
            (status(400), Policy::AGENT, 0),
            (status(403), Policy::AGENT, 0),
            (status(404), Policy::AGENT.once(), 0),
            (absent(), Policy::AGENT, 0),
            (absent(), waiting, 120),
            (absent(), waiting.once(), 120),
            (status(404), Policy::AZURE, 0),
        ] {
            let (began, mut attempts) = (Instant::now(), RequestRetries::new(policy));
            while let Some(wait) = attempts.after(&failure) {
                assert!(attempts.number() <= attempts.most(), "{failure} {}", attempts.most());
                tokio::time::sleep(wait).await;
            }
            assert_eq!(began.elapsed().as_secs(), seconds, "{failure} {policy:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_agent_that_starts_late_still_has_its_time_to_get_ready() {
        let mut attempts = RequestRetries::new(Policy { absent: Some(120 * SECOND), ..Policy::AGENT });
        let absent = Failure::Unreachable { reason: String::new(), refused: true };
        let began = Instant::now();
        while began.elapsed() < 100 * SECOND {
            let wait = attempts.after(&absent).unwrap();
            tokio::time::sleep(wait).await;
        }
        let listens = Instant::now();
        while let Some(wait) = attempts.after(&status(503)) {
            tokio::time::sleep(wait).await;
        }
        assert_eq!(listens.elapsed().as_secs(), 70);
    }

    #[tokio::test(start_paused = true)]
    async fn each_reason_has_bounds_of_its_own() {
        let mut attempts = RequestRetries::new(Policy { attempts: 3, ..Policy::AZURE });
        let deleted = refused(409, "<Error><Code>ContainerBeingDeleted</Code></Error>");
        for _ in 0..6 {
            let wait = attempts.after(&deleted).unwrap();
            tokio::time::sleep(wait).await;
        }
        for expected in [true, true, false] {
            assert_eq!(attempts.after(&status(503)).is_some(), expected);
            assert_eq!(attempts.most(), 9, "six before it and three of its own");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_counts_against_the_budget() {
        let mut attempts = RequestRetries::new(Policy { attempts: 100, budget: 3 * SECOND, ..Policy::AZURE });
        while let Some(wait) = attempts.after(&status(503)) {
            tokio::time::sleep(wait).await;
        }
        assert!((3..8).contains(&attempts.number()), "{}", attempts.number());
    }
}
