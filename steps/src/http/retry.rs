//! Whether a failed request is sent again, and when.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;
use tokio::time::Instant;

use super::envelope::Envelope;
use super::{Answer, Failure};

/// Codes of an answer that says that another operation goes on, which keeps the request out until it is over.
///
/// Storage frees the name of a deleted container after half a minute or more; the others are as slow.
const SETTLING: [&str; 8] = [
    "ContainerBeingDeleted",
    "AccountBeingCreated",
    "StorageAccountIsNotProvisioned",
    "ObjectIsBeingDeleted",
    "ObjectIsBeingRecovered",
    "AnotherOperationInProgress",
    "RetryableErrorDueToAnotherOperation",
    "HCRP409",
];

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
    /// How long an operation that keeps the request out is waited for, such as the deletion of a container of the
    /// same name; not at all when zero.
    pub settling: Duration,
}

impl Policy {
    /// For Azure: 5 attempts, 0.5 s doubling to 30 s, up to 120 s when asked, 300 s in all; 180 s for another operation.
    pub const AZURE: Self = Self {
        attempts: 5,
        first: Duration::from_millis(500),
        longest: Duration::from_secs(30),
        longest_asked: Duration::from_mins(2),
        budget: Duration::from_mins(5),
        settling: Duration::from_mins(3),
    };

    /// The same, but each request is sent once.
    #[must_use]
    pub fn once(self) -> Self {
        Self { attempts: 1, settling: Duration::ZERO, ..self }
    }

    /// How often a request is sent in all when it fails for this reason, and the time that this may take.
    fn bounds(&self, passing: Passing) -> Bounds {
        match passing {
            Passing::Soon => Bounds { attempts: self.attempts, budget: self.budget },
            Passing::Settling => {
                Bounds { attempts: self.attempts_within(self.settling), budget: self.settling }
            }
        }
    }

    /// The most attempts that can begin within `time`, when chance makes every wait as short as it may be.
    fn attempts_within(&self, time: Duration) -> u32 {
        let (mut waited, mut attempts) = (Duration::ZERO, 1);
        while waited < time {
            let shortest = self.full(attempts) / 2;
            waited = waited.saturating_add(shortest.max(Duration::from_millis(1)));
            attempts += 1;
        }
        attempts
    }

    /// The longest wait of one's own choice after failed attempt `number`, counted from 1.
    fn full(&self, number: u32) -> Duration {
        self.first.saturating_mul(2_u32.saturating_pow(number.saturating_sub(1))).min(self.longest)
    }

    /// The wait after failed attempt `number`, counted from 1, where the service may have `asked` for one.
    ///
    /// `chance` is from 0 to 1. None when that was the last one. A wait of one's own choice is cut short at the end of
    /// the budget; after one that was asked for, there is no attempt if it would end later.
    fn wait(
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
        if let Some(asked) = asked.map(|asked| asked.min(self.longest_asked)) {
            return (asked <= left).then_some(asked);
        }
        let half = self.full(number) / 2;
        Some((half + half.mul_f64(chance)).min(left))
    }
}

/// How often a request is sent in all, and how long that may take.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    attempts: u32,
    budget: Duration,
}

/// Why the same request may well succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passing {
    /// The service is busy or broken, or the network is.
    Soon,
    /// Another operation goes on.
    Settling,
}

/// The attempts at one request.
pub(crate) struct Attempts {
    policy: Policy,
    /// When the attempts began that failed for the same reason as the last one, and how many these were.
    spell: Option<(Passing, Instant, u32)>,
    /// When the attempt began that is under way or comes next.
    began: Instant,
    number: u32,
    most: u32,
    change_unknown: bool,
}

impl Attempts {
    pub fn new(policy: Policy) -> Self {
        let most = policy.attempts;
        Self { policy, spell: None, began: Instant::now(), number: 1, most, change_unknown: false }
    }

    /// How long to wait before the next attempt after this failure; none when there is no use in one.
    pub fn after(&mut self, failure: &Failure) -> Option<Duration> {
        self.change_unknown |= failure.leaves_change_unknown();
        let passing = passing(failure)?;
        let asked = match failure {
            Failure::Status(answer) => asked(&answer.headers, SystemTime::now()),
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
        self.most
    }

    /// Whether any attempt so far may have changed something without an answer that says so.
    pub fn leave_change_unknown(&self) -> bool {
        self.change_unknown
    }
}

/// Why the same request may well succeed a little later; none when it will not.
fn passing(failure: &Failure) -> Option<Passing> {
    let soon = match failure {
        Failure::UnknownHost { temporary, .. } => *temporary,
        Failure::Unreachable { .. } | Failure::Broken { .. } | Failure::Slow { .. } => true,
        Failure::Certificate { .. } | Failure::TooLong { .. } => false,
        Failure::Status(answer) if is_settling(answer) => return Some(Passing::Settling),
        Failure::Status(answer) => is_busy(answer),
    };
    soon.then_some(Passing::Soon)
}

/// Whether the service could not answer now, which says nothing of the request.
fn is_busy(answer: &Answer) -> bool {
    matches!(answer.status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Whether the service refused the request for another operation that goes on.
fn is_settling(answer: &Answer) -> bool {
    let named = |code: &String| SETTLING.iter().any(|settling| settling.eq_ignore_ascii_case(code));
    matches!(answer.status, 400..=499) && Envelope::read(answer).codes.iter().any(named)
}

/// Whether the same request may well be answered with success later.
pub(super) fn is_passing(answer: &Answer) -> bool {
    is_busy(answer) || matches!(answer.status, 500..=599) || is_settling(answer)
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
        let bounds = policy.bounds(Passing::Soon);
        for (number, asked, chance, expected) in [
            (1, None, 0.0, Some(SECOND / 4)),
            (1, None, 1.0, Some(SECOND / 2)),
            (3, None, 1.0, Some(2 * SECOND)),
            (8, None, 1.0, Some(4 * SECOND)),
            (1, Some(SECOND * 7), 0.5, Some(SECOND * 7)),
            (1, Some(Duration::MAX), 0.5, Some(60 * SECOND)),
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
            (Failure::Unreachable { reason: reason() }, true),
            (Failure::Slow { limit: SECOND }, true),
            (Failure::TooLong { limit: 1 }, false),
            (Failure::Certificate { reason: reason() }, false),
            (Failure::UnknownHost { host: reason(), temporary: false }, false),
            (Failure::UnknownHost { host: reason(), temporary: true }, true),
        ] {
            assert_eq!(passing(&failure).is_some(), again, "{failure}");
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

    fn refused(status: u16, body: &str) -> Failure {
        Failure::Status(Answer { status, headers: HeaderMap::new(), body: Bytes::from(body.to_owned()) })
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
            let (began, mut attempts) = (Instant::now(), Attempts::new(policy));
            while let Some(wait) = attempts.after(&failure) {
                assert!(attempts.number() <= attempts.most());
                tokio::time::sleep(wait).await;
            }
            assert_eq!(began.elapsed().as_secs(), seconds, "{failure} {policy:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn each_reason_has_bounds_of_its_own() {
        let mut attempts = Attempts::new(Policy { attempts: 3, ..Policy::AZURE });
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
        let mut attempts = Attempts::new(Policy { attempts: 100, budget: 3 * SECOND, ..Policy::AZURE });
        while let Some(wait) = attempts.after(&status(503)) {
            tokio::time::sleep(wait).await;
        }
        assert!((3..8).contains(&attempts.number()), "{}", attempts.number());
    }
}
