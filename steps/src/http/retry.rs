//! Whether a failed request is sent again, and when.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::Failure;

/// When a failed request is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How often it is sent in all.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles from then on, and half of each is left to chance.
    pub first: Duration,
    /// The longest wait of one's own choice.
    pub longest: Duration,
    /// The longest wait that a service can ask for.
    pub longest_asked: Duration,
    /// The time that all attempts and waits may take, counted when a wait begins.
    pub budget: Duration,
}

impl Policy {
    /// For Azure: 5 attempts, 0.5 s doubling to 30 s, up to 120 s when asked, 300 s in all.
    pub const AZURE: Self = Self {
        attempts: 5,
        first: Duration::from_millis(500),
        longest: Duration::from_secs(30),
        longest_asked: Duration::from_mins(2),
        budget: Duration::from_mins(5),
    };

    /// The wait after failed attempt `number`, counted from 1, where the service may have `asked` for one.
    ///
    /// `chance` is from 0 to 1. None when that was the last one, or the wait would end after the budget.
    fn wait(&self, number: u32, elapsed: Duration, asked: Option<Duration>, chance: f64) -> Option<Duration> {
        if number >= self.attempts {
            return None;
        }
        let own = || {
            let full = self.first.saturating_mul(2_u32.saturating_pow(number - 1)).min(self.longest);
            full / 2 + (full / 2).mul_f64(chance)
        };
        let wait = asked.map_or_else(own, |asked| asked.min(self.longest_asked));
        (elapsed + wait <= self.budget).then_some(wait)
    }
}

/// The attempts at one request.
pub(crate) struct Attempts {
    policy: Policy,
    started: Instant,
    number: u32,
    change_unknown: bool,
}

impl Attempts {
    pub fn new(policy: Policy) -> Self {
        Self { policy, started: Instant::now(), number: 1, change_unknown: false }
    }

    /// How long to wait before the next attempt after this failure; none when there is no use in one.
    pub fn after(&mut self, failure: &Failure) -> Option<Duration> {
        self.change_unknown |= failure.leaves_change_unknown();
        if !is_passing(failure) {
            return None;
        }
        let asked = match failure {
            Failure::Status(answer) => asked(&answer.headers, SystemTime::now()),
            _ => None,
        };
        let wait = self.policy.wait(self.number, self.started.elapsed(), asked, fastrand::f64())?;
        self.number += 1;
        Some(wait)
    }

    /// Why a wait that the service asked for was not waited for to its end.
    pub fn unwaited(&self, asked: Duration) -> Option<String> {
        let longest = self.policy.longest_asked;
        (self.policy.attempts > 1 && asked > longest)
            .then(|| format!("it asked for a wait of {asked:?}, and {longest:?} at most are waited"))
    }

    /// The attempt that is under way or comes next, counted from 1.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// How many there are at most.
    pub fn most(&self) -> u32 {
        self.policy.attempts
    }

    /// Whether any attempt so far may have changed something without an answer that says so.
    pub fn leave_change_unknown(&self) -> bool {
        self.change_unknown
    }
}

/// Whether the same request may well succeed a little later.
fn is_passing(failure: &Failure) -> bool {
    match failure {
        Failure::UnknownHost { temporary, .. } => *temporary,
        Failure::Unreachable { .. } | Failure::Broken { .. } | Failure::Slow { .. } => true,
        Failure::Certificate { .. } | Failure::TooLong { .. } => false,
        Failure::Status(answer) => matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504),
    }
}

/// The wait that a service asks for, in any of the spellings that Azure has.
pub(crate) fn asked(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name)?.to_str().ok().map(str::trim);
    let milliseconds = |name| text(name)?.parse().ok().map(Duration::from_millis);
    let until =
        |date| httpdate::parse_http_date(date).ok()?.duration_since(now).ok().or(Some(Duration::ZERO));
    milliseconds("retry-after-ms").or_else(|| milliseconds("x-ms-retry-after-ms")).or_else(|| {
        let value = text("retry-after")?;
        value.parse().ok().map(Duration::from_secs).or_else(|| until(value))
    })
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;
    use crate::http::Answer;

    const SECOND: Duration = Duration::from_secs(1);

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let pair = |(name, value): &(&str, &str)| {
            (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap())
        };
        pairs.iter().map(pair).collect()
    }

    fn status(status: u16) -> Failure {
        Failure::Status(Answer { status, headers: HeaderMap::new(), body: Bytes::new() })
    }

    #[test]
    fn every_spelling_of_retry_after_is_read() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        for (pairs, expected) in [
            (&[("retry-after", "7")][..], Some(7 * SECOND)),
            (&[("retry-after", " 0 ")], Some(Duration::ZERO)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")], Some(7 * SECOND)),
            (&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(Duration::ZERO)),
            (&[("retry-after-ms", "250"), ("retry-after", "9")], Some(SECOND / 4)),
            (&[("x-ms-retry-after-ms", "1500")], Some(SECOND * 3 / 2)),
            (&[("retry-after", "18446744073709551615")], Some(Duration::from_secs(u64::MAX))),
            (&[("retry-after", "soon")], None),
            (&[("retry-after", "-1")], None),
            (&[], None),
        ] {
            assert_eq!(asked(&headers(pairs), now), expected, "{pairs:?}");
        }
    }

    #[test]
    fn waits_double_to_a_limit_and_what_is_asked_wins_up_to_another() {
        let policy = Policy { attempts: 9, longest: 4 * SECOND, longest_asked: 60 * SECOND, ..Policy::AZURE };
        for (number, asked, chance, expected) in [
            (1, None, 0.0, Some(SECOND / 4)),
            (1, None, 1.0, Some(SECOND / 2)),
            (3, None, 1.0, Some(2 * SECOND)),
            (8, None, 1.0, Some(4 * SECOND)),
            (1, Some(SECOND * 7), 0.5, Some(SECOND * 7)),
            (1, Some(Duration::MAX), 0.5, Some(60 * SECOND)),
            (9, Some(SECOND), 0.5, None),
        ] {
            assert_eq!(policy.wait(number, Duration::ZERO, asked, chance), expected, "{number} {asked:?}");
        }
        assert_eq!(policy.wait(1, policy.budget, None, 0.5), None, "the budget is used up");
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
            (Failure::Unreachable { reason: reason() }, true),
            (Failure::Slow { limit: SECOND }, true),
            (Failure::TooLong { limit: 1 }, false),
            (Failure::Certificate { reason: reason() }, false),
            (Failure::UnknownHost { host: reason(), temporary: false }, false),
            (Failure::UnknownHost { host: reason(), temporary: true }, true),
        ] {
            assert_eq!(is_passing(&failure), again, "{failure}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn attempts_end_and_remember_a_lost_answer() {
        let mut attempts = Attempts::new(Policy { attempts: 3, ..Policy::AZURE });
        assert!(attempts.after(&status(503)).is_some());
        assert!(!attempts.leave_change_unknown(), "a 503 is an answer");
        assert!(attempts.after(&Failure::Slow { limit: SECOND }).is_some());
        assert_eq!(attempts.after(&status(403)), None);
        assert_eq!((attempts.number(), attempts.leave_change_unknown()), (3, true));
    }

    #[tokio::test(start_paused = true)]
    async fn waiting_counts_against_the_budget() {
        let mut attempts = Attempts::new(Policy { attempts: 100, budget: 3 * SECOND, ..Policy::AZURE });
        while let Some(wait) = attempts.after(&status(503)) {
            tokio::time::sleep(wait).await;
        }
        assert!((3..8).contains(&attempts.number()), "{}", attempts.number());
    }
}
