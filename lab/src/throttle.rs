//! Throttling: a token bucket for each host of a service.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::fault::{FaultKind, RetryAfter};
use crate::log::Service;

/// The limit of the requests to each host of a service: a vault, an account, or ARM.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Limit {
    pub service: Service,
    /// The limit of all requests without one of their own.
    pub all: Rate,
    /// The limit of the requests that write, if they have one of their own.
    pub writes: Option<Rate>,
    /// The limit of the requests that delete, if they have one of their own.
    pub deletes: Option<Rate>,
}

/// The size of a token bucket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate {
    /// The number of requests that may come at once.
    pub burst: u32,
    /// The number of further requests each second.
    pub per_second: f64,
}

/// The kind of requests that a bucket counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Any,
    Write,
    Delete,
}

impl Limit {
    /// Returns the rate of the requests with this method, and the bucket that counts them.
    fn of(&self, method: &str) -> (Kind, Rate) {
        let own = match method {
            "GET" | "HEAD" => None,
            "DELETE" => self.deletes.map(|rate| (Kind::Delete, rate)),
            _ => self.writes.map(|rate| (Kind::Write, rate)),
        };
        own.unwrap_or((Kind::Any, self.all))
    }
}

/// The limits of a world, and the buckets of its hosts.
#[derive(Debug)]
pub(crate) struct Throttles {
    limits: Vec<Limit>,
    buckets: Mutex<HashMap<(Service, String, Kind), Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Throttles {
    pub(crate) fn new(limits: Vec<Limit>) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Counts a request to a host: returns the refusal if there are too many.
    pub(crate) fn refusal(&self, service: Service, host: &str, method: &str) -> Option<FaultKind> {
        let limit = self.limits.iter().find(|limit| limit.service == service)?;
        let (kind, rate) = limit.of(method);
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Bucket { tokens: f64::from(rate.burst), filled: Instant::now() };
        let bucket = buckets.entry((service, host.to_owned(), kind)).or_insert(full);
        let wait = bucket.take(rate, Instant::now())?;
        let status = if service == Service::Blob { 503 } else { 429 };
        let seconds = format!("{:.0}", wait.ceil().clamp(1.0, 3600.0)).parse().unwrap_or(1);
        Some(FaultKind::Status { status, retry_after: Some(RetryAfter::Seconds(seconds)) })
    }
}

impl Bucket {
    /// Takes one token; without one, returns the time until there is one, in seconds.
    fn take(&mut self, rate: Rate, now: Instant) -> Option<f64> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = passed.mul_add(rate.per_second, self.tokens).min(f64::from(rate.burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some((1.0 - self.tokens) / rate.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_its_rate() {
        let rate = Rate { burst: 2, per_second: 4.0 };
        let start = Instant::now();
        let mut bucket = Bucket { tokens: 2.0, filled: start };
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let taken = [0, 0, 0, 250, 250, 10_000, 10_000, 10_000].map(|time| bucket.take(rate, at(time)));
        let expected = [None, None, Some(0.25), None, Some(0.25), None, None, Some(0.25)];
        assert_eq!(taken, expected);
    }

    const ONE: Rate = Rate { burst: 1, per_second: 0.001 };

    #[test]
    fn each_host_of_a_service_has_its_own() {
        let limit = Limit { service: Service::KeyVault, all: ONE, writes: None, deletes: None };
        let throttles = Throttles::new(vec![limit]);
        assert_eq!(throttles.refusal(Service::KeyVault, "a", "GET"), None);
        assert_eq!(throttles.refusal(Service::KeyVault, "b", "GET"), None);
        assert!(throttles.refusal(Service::KeyVault, "a", "PUT").is_some());
        assert_eq!(throttles.refusal(Service::Arm, "a", "GET"), None);
    }

    #[test]
    fn requests_that_write_and_delete_may_have_buckets_of_their_own() {
        let limit = Limit { service: Service::Arm, all: ONE, writes: Some(ONE), deletes: Some(ONE) };
        let throttles = Throttles::new(vec![limit]);
        for method in ["GET", "PUT", "DELETE"] {
            assert_eq!(throttles.refusal(Service::Arm, "a", method), None, "{method}");
        }
        for method in ["GET", "PATCH", "POST", "DELETE"] {
            assert!(throttles.refusal(Service::Arm, "a", method).is_some(), "{method}");
        }
    }
}
