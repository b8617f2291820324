//! Decides whether and when a step is tried again.

use std::time::Duration;

use tokio::time::Instant;

use crate::plan::{Retry, RetryOn, StepLimits};
use crate::step::{ErrorKind, StepError};

/// The longest delay that a service may ask for; a longer one ends the step.
const LONGEST_ASKED: Duration = Duration::from_hours(1);
/// The maximum number of remembered condition values.
const REMEMBERED: usize = 8;

/// The attempts of one step.
pub struct StepRetries {
    limits: StepLimits,
    /// True if an attempt may be repeated although the outcome of the last one is unknown.
    repeatable: bool,
    began: Instant,
    /// The number of the current or next attempt, counted from 1.
    number: u32,
    /// The number of failed attempts since the last successful one.
    failures: u32,
    /// The number of repetitions for `until`.
    polls: u32,
    /// The values that the condition read, without consecutive duplicates.
    seen: Vec<String>,
}

impl StepRetries {
    /// Begins the first attempt now.
    pub fn new(limits: StepLimits, repeatable: bool) -> Self {
        let began = Instant::now();
        Self { limits, repeatable, began, number: 1, failures: 0, polls: 0, seen: Vec::new() }
    }

    /// Returns the number of the current or next attempt, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the maximum number of attempts; none if they are not counted, or counted separately.
    pub fn most(&self) -> Option<u32> {
        match (&self.limits.retry, &self.limits.until) {
            (Some(retry), None) => Some(retry.attempts),
            (None, Some(until)) => until.attempts,
            _ => None,
        }
    }

    /// Returns true if there may be more than one attempt.
    pub fn may_repeat(&self) -> bool {
        self.limits.retry.is_some() || self.limits.until.is_some()
    }

    /// Returns true if failed attempts are retried here, so that single requests need no retries.
    pub fn retries(&self) -> bool {
        self.limits.retry.is_some()
    }

    /// Returns the time limit of an attempt that begins now.
    pub fn limit(&self) -> Option<Limit> {
        // None if the limit is later than an `Instant` can hold.
        let limit = |from: Instant, time, whole| Some(Limit { at: from.checked_add(time)?, time, whole });
        let whole = self.limits.timeout.and_then(|time| limit(self.began, time, true));
        let each = self.limits.retry.as_ref().and_then(|retry| retry.timeout);
        let each = each.and_then(|time| limit(Instant::now(), time, false));
        whole.into_iter().chain(each).min_by_key(|limit| limit.at)
    }

    /// Returns the delay before the next attempt after this failure; none if there is no next one.
    ///
    /// `chance` is from 0 to 1.
    pub fn after_failure(&mut self, error: &StepError, chance: f64) -> Option<Duration> {
        let retry = self.limits.retry.as_ref()?;
        let may_repeat = !error.is_uncertain() || self.repeatable;
        if !may_repeat || !passes(retry, error) {
            return None;
        }
        self.once_more(error.retry_after(), chance)
    }

    /// Returns the reason why the delay that the service asked for is too long, if it ended the step.
    pub fn unwaited(&self, error: &StepError) -> Option<String> {
        let (retry, asked) = (self.limits.retry.as_ref()?, error.retry_after()?);
        if self.failures >= retry.attempts || !passes(retry, error) {
            return None;
        }
        let left = self.limits.timeout.map(|timeout| timeout.saturating_sub(self.began.elapsed()));
        let limit = match left {
            Some(left) if left < asked.min(LONGEST_ASKED) => {
                format!("its `timeout` leaves {}s", left.as_secs())
            }
            _ if asked > LONGEST_ASKED => format!("a step waits at most {LONGEST_ASKED:?}"),
            _ => return None,
        };
        Some(format!("The service requested a delay of {asked:?}, and {limit}."))
    }

    /// Returns the delay before the next attempt after a result that `retry` rejects; none if there is no
    /// next one.
    pub fn after_rejection(&mut self, seen: String, chance: f64) -> Option<Duration> {
        self.remember(seen);
        self.once_more(None, chance)
    }

    /// Returns the delay before the next repetition for `until`; none if there is no next one.
    pub fn after_poll(&mut self, seen: String, chance: f64) -> Option<Duration> {
        self.remember(seen);
        let until = self.limits.until.as_ref()?;
        self.polls += 1;
        if until.attempts.is_some_and(|attempts| self.polls >= attempts) {
            return None;
        }
        let wait = until.backoff.wait(self.polls, chance);
        let timeout = until.timeout;
        self.failures = 0;
        self.within(wait, timeout)
    }

    fn once_more(&mut self, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        let retry = self.limits.retry.as_ref()?;
        self.failures += 1;
        if self.failures >= retry.attempts {
            return None;
        }
        let wait = match asked {
            Some(asked) if asked > LONGEST_ASKED => return None,
            Some(asked) => asked,
            None => retry.backoff.wait(self.failures, chance),
        };
        self.within(wait, None)
    }

    /// Returns the delay if it ends within the time limits.
    fn within(&mut self, wait: Duration, timeout: Option<Duration>) -> Option<Duration> {
        let end = self.began.elapsed() + wait;
        let mut limits = self.limits.timeout.into_iter().chain(timeout);
        let in_time = limits.all(|limit| end <= limit);
        self.number += u32::from(in_time);
        in_time.then_some(wait)
    }

    fn remember(&mut self, seen: String) {
        if self.seen.last() != Some(&seen) {
            self.seen.push(seen);
        }
        if self.seen.len() > REMEMBERED {
            self.seen.remove(0);
        }
    }

    /// Returns the values that the condition read, in order.
    pub fn seen(&self) -> String {
        self.seen.join(", then ")
    }

    /// Returns the time since the first attempt began.
    pub fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }
}

/// The time limit of an attempt.
#[derive(Clone, Copy)]
pub struct Limit {
    /// The deadline.
    pub at: Instant,
    /// The duration as configured.
    pub time: Duration,
    /// True if the limit is for all attempts together.
    pub whole: bool,
}

fn passes(retry: &Retry, error: &StepError) -> bool {
    let is_transport = matches!(error.kind(), ErrorKind::Transport | ErrorKind::Timeout);
    match &retry.on {
        None => is_transport || matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Program),
        Some(on) => on.iter().any(|passing| match passing {
            RetryOn::Status(status) => error.status() == Some(*status),
            RetryOn::Transport => is_transport,
            RetryOn::Code(code) => error.code() == Some(code),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Until;
    use crate::step::Backoff;

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff() -> Backoff {
        Backoff { delay: SECOND, factor: 2.0, longest: 5 * SECOND, jitter: 0.5 }
    }

    fn step_retries(on: Option<Vec<RetryOn>>, repeatable: bool) -> StepRetries {
        let retry = Retry { attempts: 3, timeout: None, backoff: backoff(), on };
        StepRetries::new(StepLimits { retry: Some(retry), ..StepLimits::default() }, repeatable)
    }

    fn error(kind: ErrorKind) -> StepError {
        StepError::new(kind, "failed")
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again() {
        use ErrorKind::{Forbidden, Local, Program, Refused, Stopped, Timeout, Transport, Unavailable};
        let status = |status| error(Refused).answer(status, Some("Busy".to_owned()), None);
        let listed = || Some(vec![RetryOn::Status(409), RetryOn::Code("Busy".to_owned())]);
        for (on, error, again) in [
            (None, error(Transport), true),
            (None, error(Timeout), true),
            (None, error(Unavailable), true),
            (None, error(Program), true),
            (None, error(Refused), false),
            (None, error(Local), false),
            (None, error(Forbidden), false),
            (None, error(Stopped), false),
            (None, status(409), false),
            (listed(), status(409), true),
            (listed(), status(400), true),
            (listed(), error(Transport), false),
            (Some(vec![RetryOn::Transport]), error(Transport), true),
            (Some(vec![RetryOn::Transport]), error(Unavailable), false),
            (Some(vec![RetryOn::Transport]), error(Program), false),
            (Some(Vec::new()), error(Unavailable), false),
        ] {
            assert_eq!(step_retries(on, false).after_failure(&error, 0.0).is_some(), again, "{error:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_may_have_been_made_is_not_made_again() {
        let lost = || error(ErrorKind::Transport).uncertain();
        assert_eq!(step_retries(None, false).after_failure(&lost(), 0.0), None);
        assert!(step_retries(None, true).after_failure(&lost(), 0.0).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_that_is_asked_for_wins() {
        let asked = |seconds| error(ErrorKind::Unavailable).asks_to_wait(seconds * SECOND);
        assert_eq!(step_retries(None, false).after_failure(&asked(0), 1.0), Some(Duration::ZERO));
        assert_eq!(step_retries(None, false).after_failure(&asked(77), 1.0), Some(77 * SECOND));
        assert_eq!(step_retries(None, false).after_failure(&asked(4_000), 1.0), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_that_is_too_long_is_told_with_its_limit() {
        for (asked, timeout, attempts, expected) in [
            (4_000, None, 3, Some("a delay of 4000s, and a step waits at most 3600s")),
            (4_000, Some(60), 3, Some("a delay of 4000s, and its `timeout` leaves 60s")),
            (90, Some(60), 3, Some("a delay of 90s, and its `timeout` leaves 60s")),
            (90, None, 3, None),
            (4_000, None, 1, None),
        ] {
            let mut step_retries = step_retries(None, false);
            step_retries.limits.timeout = timeout.map(Duration::from_secs);
            step_retries.limits.retry.as_mut().unwrap().attempts = attempts;
            let error = error(ErrorKind::Unavailable).asks_to_wait(asked * SECOND);
            step_retries.after_failure(&error, 1.0);
            let told = step_retries.unwaited(&error);
            assert_eq!(told.is_some(), expected.is_some(), "{told:?}");
            assert!(told.unwrap_or_default().contains(expected.unwrap_or_default()), "{asked} {timeout:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end() {
        let mut step_retries = step_retries(None, false);
        let error = error(ErrorKind::Unavailable);
        assert!(step_retries.after_failure(&error, 0.0).is_some());
        assert!(step_retries.after_failure(&error, 0.0).is_some());
        assert_eq!((step_retries.after_failure(&error, 0.0), step_retries.number()), (None, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn polling_ends_and_remembers_what_it_saw() {
        let until = Until { attempts: None, timeout: Some(10 * SECOND), backoff: backoff() };
        let mut step_retries =
            StepRetries::new(StepLimits { until: Some(until), ..StepLimits::default() }, false);
        let mut polls = 0;
        while let Some(wait) = step_retries.after_poll(format!("x is {}", polls / 2), 1.0) {
            tokio::time::sleep(wait).await;
            polls += 1;
        }
        assert_eq!((polls, step_retries.elapsed()), (3, 7 * SECOND));
        assert_eq!(step_retries.seen(), "x is 0, then x is 1");
    }

    #[tokio::test(start_paused = true)]
    async fn no_attempt_outlasts_the_step() {
        let retry = Retry { attempts: 9, timeout: Some(4 * SECOND), backoff: backoff(), on: None };
        let limits = StepLimits { timeout: Some(10 * SECOND), retry: Some(retry), until: None };
        let mut step_retries = StepRetries::new(limits, false);
        let limit = |step_retries: &StepRetries| {
            step_retries.limit().map(|limit| (limit.at.duration_since(Instant::now()), limit.whole))
        };
        assert_eq!(limit(&step_retries), Some((4 * SECOND, false)));
        tokio::time::sleep(7 * SECOND).await;
        assert_eq!(limit(&step_retries), Some((3 * SECOND, true)));
        assert!(step_retries.after_failure(&error(ErrorKind::Timeout), 1.0).is_some());
        tokio::time::sleep(2 * SECOND).await;
        assert_eq!(step_retries.after_failure(&error(ErrorKind::Timeout), 1.0), None);
    }
}
