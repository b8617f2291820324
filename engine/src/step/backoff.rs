//! Defines the growing delays between attempts.

use std::time::Duration;

/// The delays between attempts: of steps, of their requests and of the polls of operations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// The first delay.
    pub delay: Duration,
    /// The factor by which each delay grows; at least 1.
    pub factor: f64,
    /// The upper limit of a delay.
    pub longest: Duration,
    /// The share of each delay that is random; from 0 to 1.
    pub jitter: f64,
}

impl Backoff {
    /// Returns the delay after attempt `number`, counted from 1; `chance` is from 0 to 1.
    #[must_use]
    pub fn wait(&self, number: u32, chance: f64) -> Duration {
        let exponent = i32::try_from(number.saturating_sub(1)).unwrap_or(i32::MAX);
        let full = self.delay.as_secs_f64() * self.factor.powi(exponent);
        let full = Duration::try_from_secs_f64(full).unwrap_or(self.longest).min(self.longest);
        full.mul_f64(1.0 - self.jitter + self.jitter * chance)
    }

    /// Returns the maximum number of attempts that can begin within `time`, if every random delay is the
    /// shortest.
    #[must_use]
    pub fn attempts_within(&self, time: Duration) -> u32 {
        let (mut left, mut attempts) = (time, 1_u32);
        while !left.is_zero() && self.wait(attempts, 1.0) < self.longest && attempts < u32::BITS {
            left = left.saturating_sub(self.wait(attempts, 0.0));
            attempts += 1;
        }
        let shortest = self.wait(u32::MAX, 0.0).as_millis().max(1);
        attempts.saturating_add(u32::try_from(left.as_millis().div_ceil(shortest)).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn backoff() -> Backoff {
        Backoff { delay: SECOND, factor: 2.0, longest: 5 * SECOND, jitter: 0.5 }
    }

    #[test]
    fn delays_grow_to_a_limit_and_a_share_of_them_is_random() {
        for (number, chance, milliseconds) in [
            (1, 0.0, 500),
            (1, 1.0, 1000),
            (2, 1.0, 2000),
            (3, 0.5, 3000),
            (4, 1.0, 5000),
            (u32::MAX, 1.0, 5000),
        ] {
            assert_eq!(backoff().wait(number, chance).as_millis(), milliseconds, "{number} {chance}");
        }
    }

    #[test]
    fn a_very_long_time_holds_very_many_attempts() {
        for (time, least, most) in
            [(Duration::ZERO, 1, 1), (70 * SECOND, 8, 40), (Duration::MAX, u32::MAX, u32::MAX)]
        {
            let attempts = backoff().attempts_within(time);
            assert!((least..=most).contains(&attempts), "{time:?} {attempts}");
        }
    }
}
