//! One row of a table.

use std::fmt::{self, Display, Formatter};
use std::time::Instant;

/// How many times larger the second input is.
pub const FACTOR: usize = 4;

/// Seconds for the small and the large input.
pub struct Growth {
    small: f64,
    large: f64,
}

impl Growth {
    /// Times `work` on both: the shortest of three times, as what else runs can only make one longer.
    pub fn of<T, R>(small: &T, large: &T, work: impl Fn(&T) -> R) -> Self {
        let time = |input: &T| {
            let start = Instant::now();
            drop(work(input));
            start.elapsed().as_secs_f64()
        };
        let shortest = |input: &T| (0..3).map(|_| time(input)).fold(f64::INFINITY, f64::min);
        Self { small: shortest(small), large: shortest(large) }
    }
}

impl Display for Growth {
    /// The time for the large input, and how many times that for the small one it is.
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0} ms, {:.1}×", self.large * 1000.0, self.large / self.small)
    }
}
