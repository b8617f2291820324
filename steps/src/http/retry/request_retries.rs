//! The attempts of one request.

use std::time::{Duration, SystemTime};

use arcbook_engine::step::Safety;
use tokio::time::Instant;

use super::super::{Failure, HttpResponse, Late};
use super::policy::{Passing, Policy, is_entra_busy, is_settling};
use super::retry_after::asked;

/// The attempts of one request.
pub(crate) struct RequestRetries {
    policy: Policy,
    safety: Safety,
    /// The kind of the last failure, the start of the consecutive attempts that failed with it, and their
    /// number.
    spell: Option<(Passing, Instant, u32)>,
    /// The start of the current or next attempt.
    began: Instant,
    number: u32,
    most: u32,
    change_unknown: bool,
    /// True if nothing is known of the service: a gateway may answer in its place.
    is_foreign: bool,
    /// The refusals that a change of this run explains.
    late: Late,
}

impl RequestRetries {
    /// Begins the attempts of a request with this effect.
    pub fn new(policy: Policy, safety: Safety) -> Self {
        let most = policy.attempts;
        let (spell, began, change_unknown, is_foreign) = (None, Instant::now(), false, false);
        let late = Late::default();
        Self { policy, safety, spell, began, number: 1, most, change_unknown, is_foreign, late }
    }

    /// Repeats the request for a while after a refusal that a change of this run explains.
    pub fn after_changes(mut self, late: Late) -> Self {
        self.late = late;
        self
    }

    /// Trusts no status to say that a change was not made, since a gateway may answer in place of the service.
    pub fn foreign(mut self, is_foreign: bool) -> Self {
        self.is_foreign = is_foreign;
        self
    }

    /// Returns the delay before the next attempt after this failure; none if no further attempt is allowed.
    ///
    /// A change that must not be made twice is not sent again once the service may have made it.
    pub fn after(&mut self, failure: &Failure) -> Option<Duration> {
        let is_of_gateway = |response: &HttpResponse| response.status == 408 || response.status >= 500;
        let may_be_made = match failure {
            Failure::Status(response) if self.is_foreign => is_of_gateway(response),
            failure => failure.leaves_change_unknown(),
        };
        self.change_unknown |= may_be_made;
        if self.safety == Safety::Once && self.change_unknown {
            return None;
        }
        let passing = self.policy.passing(failure).or_else(|| self.late(failure))?;
        if passing == Passing::Settling && self.change_unknown {
            // The operation in progress may be the change of an earlier attempt, which the object tells.
            return None;
        }
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

    /// Returns the kind of a refusal that a change of this run explains: an object appears soon, a right takes longer.
    fn late(&self, failure: &Failure) -> Option<Passing> {
        match failure {
            Failure::Status(response) if self.late.explains(response) => {
                Some(if response.status == 404 { Passing::Settling } else { Passing::Late })
            }
            _ => None,
        }
    }

    /// Returns the pause of all requests to the host after this failure of one, whose next attempt comes `after`; none if
    /// the service does not throttle this process. A 429 that names another operation concerns its object only.
    pub fn pause(&self, failure: &Failure, after: Option<Duration>) -> Option<Duration> {
        let Failure::Status(response) = failure else { return None };
        if response.status != 429 || is_settling(response) {
            return None;
        }
        let asked = || asked(&response.headers, SystemTime::now()).unwrap_or_default();
        Some(after.unwrap_or_else(asked).min(self.policy.longest_asked))
    }

    /// Returns the maximum time that a request waits for its turn while the service throttles.
    pub fn longest_pause(&self) -> Duration {
        self.policy.budget
    }

    /// Returns whether the same request may succeed later.
    pub fn may_pass(&self, response: &HttpResponse) -> bool {
        let is_busy = self.policy.is_busy(response.status) || matches!(response.status, 500..=599);
        is_busy || is_settling(response) || is_entra_busy(response)
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
        let mut attempts = RequestRetries::new(Policy { attempts: 3, ..Policy::AZURE }, Safety::Idempotent);
        assert!(attempts.after(&status(503)).is_some());
        assert!(!attempts.leave_change_unknown(), "a 503 is an answer");
        assert!(attempts.after(&Failure::Slow { limit: SECOND }).is_some());
        assert_eq!(attempts.after(&status(403)), None);
        assert_eq!((attempts.number(), attempts.leave_change_unknown()), (3, true));
    }

    /// A request that must not be repeated is sent again only if the service certainly did not carry it out.
    #[tokio::test(start_paused = true)]
    async fn a_change_that_must_happen_once_is_not_sent_again_unless_it_was_refused() {
        let reason = String::new;
        for (failure, again) in [
            (Failure::Broken { reason: reason() }, false),
            (Failure::Slow { limit: SECOND }, false),
            (status(500), false),
            (status(502), false),
            (status(504), false),
            (status(408), true),
            (status(429), true),
            (status(503), true),
            (Failure::Unreachable { reason: reason(), refused: true }, true),
            (Failure::UnknownHost { host: reason(), temporary: true }, true),
        ] {
            let after = |safety| RequestRetries::new(Policy::AZURE, safety).after(&failure).is_some();
            assert_eq!(after(Safety::Once), again, "{failure}");
            assert!(after(Safety::Idempotent) && after(Safety::Reads), "{failure}");
        }
        let mut attempts = RequestRetries::new(Policy::AZURE, Safety::Once);
        assert!(attempts.after(&status(503)).is_some());
        assert_eq!(attempts.after(&status(500)), None);
        assert_eq!(attempts.after(&status(503)), None, "an earlier attempt may have been carried out");
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
            let (began, mut attempts) = (Instant::now(), RequestRetries::new(policy, Safety::Idempotent));
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
            let (began, mut attempts) = (Instant::now(), RequestRetries::new(policy, Safety::Idempotent));
            while let Some(wait) = attempts.after(&failure) {
                assert!(attempts.number() <= attempts.most(), "{failure} {}", attempts.most());
                tokio::time::sleep(wait).await;
            }
            assert_eq!(began.elapsed().as_secs(), seconds, "{failure} {policy:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_agent_that_starts_late_still_has_its_time_to_get_ready() {
        let mut attempts =
            RequestRetries::new(Policy { absent: Some(120 * SECOND), ..Policy::AGENT }, Safety::Idempotent);
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
        let mut attempts = RequestRetries::new(Policy { attempts: 3, ..Policy::AZURE }, Safety::Idempotent);
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
        let mut attempts = RequestRetries::new(
            Policy { attempts: 100, budget: 3 * SECOND, ..Policy::AZURE },
            Safety::Idempotent,
        );
        while let Some(wait) = attempts.after(&status(503)) {
            tokio::time::sleep(wait).await;
        }
        assert!((3..8).contains(&attempts.number()), "{}", attempts.number());
    }
}
