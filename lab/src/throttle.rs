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
    /// The number of requests that may come at once.
    pub burst: u32,
    /// The number of further requests each second.
    pub per_second: f64,
}

/// The limits of a world, and the buckets of its hosts.
#[derive(Debug)]
pub(crate) struct Throttles {
    limits: Vec<Limit>,
    buckets: Mutex<HashMap<(Service, String), Bucket>>,
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
    pub(crate) fn refusal(&self, service: Service, host: &str) -> Option<FaultKind> {
        let limit = self.limits.iter().find(|limit| limit.service == service)?;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = Bucket { tokens: f64::from(limit.burst), filled: Instant::now() };
        let bucket = buckets.entry((service, host.to_owned())).or_insert(full);
        let wait = bucket.take(*limit, Instant::now())?;
        let status = if service == Service::Blob { 503 } else { 429 };
        let seconds = format!("{:.0}", wait.ceil().clamp(1.0, 3600.0)).parse().unwrap_or(1);
        Some(FaultKind::Status { status, retry_after: Some(RetryAfter::Seconds(seconds)) })
    }
}

impl Bucket {
    /// Takes one token; without one, returns the time until there is one, in seconds.
    fn take(&mut self, limit: Limit, now: Instant) -> Option<f64> {
        let passed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.tokens = passed.mul_add(limit.per_second, self.tokens).min(f64::from(limit.burst));
        self.filled = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return None;
        }
        Some((1.0 - self.tokens) / limit.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_gives_its_burst_at_once_and_then_its_rate() {
        let limit = Limit { service: Service::KeyVault, burst: 2, per_second: 4.0 };
        let start = Instant::now();
        let mut bucket = Bucket { tokens: 2.0, filled: start };
        let at = |milliseconds| start + Duration::from_millis(milliseconds);
        let taken = [0, 0, 0, 250, 250, 10_000, 10_000, 10_000].map(|time| bucket.take(limit, at(time)));
        let expected = [None, None, Some(0.25), None, Some(0.25), None, None, Some(0.25)];
        assert_eq!(taken, expected);
    }

    #[test]
    fn each_host_of_a_service_has_its_own() {
        let limit = Limit { service: Service::KeyVault, burst: 1, per_second: 0.001 };
        let throttles = Throttles::new(vec![limit]);
        assert_eq!(throttles.refusal(Service::KeyVault, "a"), None);
        assert_eq!(throttles.refusal(Service::KeyVault, "b"), None);
        assert!(throttles.refusal(Service::KeyVault, "a").is_some());
        assert_eq!(throttles.refusal(Service::Arm, "a"), None);
    }
}
